//! Compiles the protos: once to descriptors, which the service serves and event types are checked against, and from
//! these the code of the envelope and the services. No `protoc` is needed.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use prost::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=rules");
    let services = ["dateline/v1/extraction_service.proto", "dateline/v1/rule_service.proto"];
    let mut files: Vec<String> = services.iter().map(|file| (*file).to_owned()).collect();
    for entry in fs::read_dir("proto/dateline/events/v1")? {
        let name = entry?.file_name().into_string().map_err(|_| "a proto's name is no UTF-8")?;
        files.push(format!("dateline/events/v1/{name}"));
    }
    files.sort();
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    let mut envelope = protox::Compiler::new(["proto"])?;
    envelope.include_imports(true).include_source_info(true).open_files(services)?;
    let set = prost_types::FileDescriptorSet::decode(&*envelope.encode_file_descriptor_set())?;
    tonic_prost_build::configure().compile_fds(set)?;
    Ok(())
}
