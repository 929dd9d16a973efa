// Calls the service from Go: an article, an error with its details, a stream.
//
//	./generate && go mod tidy && go run . 127.0.0.1:50051
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventsv1 "dateline.example/client/gen/dateline/events/v1"
	datelinev1 "dateline.example/client/gen/dateline/v1"
)

// A call that never ran may be made again, and one that was turned away when the service says so.
const retries = `{"methodConfig": [{
  "name": [{"service": "dateline.v1.ExtractionService"}],
  "timeout": "30s",
  "retryPolicy": {
    "maxAttempts": 4, "initialBackoff": "0.1s", "maxBackoff": "2s", "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED"]
  }
}]}`

const body = "SEOUL. North Korea launched two missiles on Friday."

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: client HOST:PORT")
	}
	connection, err := grpc.Dial(os.Args[1], grpc.WithInsecure(), grpc.WithDefaultServiceConfig(retries))
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client := datelinev1.NewExtractionServiceClient(connection)
	article(ctx, client)
	refusal(ctx, client)
	stream(ctx, client)
}

func article(ctx context.Context, client datelinev1.ExtractionServiceClient) {
	article := &datelinev1.Article{
		Id:          "a",
		Body:        body,
		PublishedAt: timestamppb.New(time.Date(2016, 3, 18, 12, 0, 0, 0, time.UTC)),
	}
	reply, err := client.Extract(ctx, &datelinev1.ExtractRequest{Article: article})
	check(err == nil && len(reply.GetEvents()) == 1, "one event: %v", err)
	event := reply.Events[0]
	// Types that this program was built with unpack by themselves; those of other packs give an error.
	detail, err := event.Detail.UnmarshalNew()
	launch, ok := detail.(*eventsv1.WeaponLaunch)
	check(err == nil && ok, "its detail is a WeaponLaunch: %v", err)
	check(launch.Launcher[0].Country == "PRK", "the launcher is North Korea: %v", launch.Launcher)
	span := event.Evidence[0]
	check(body[span.Start:span.End] == span.Text, "offsets count bytes, as Go does: %q", span.Text)
}

func refusal(ctx context.Context, client datelinev1.ExtractionServiceClient) {
	_, err := client.Extract(ctx, &datelinev1.ExtractRequest{Article: &datelinev1.Article{}})
	told := status.Convert(err)
	check(told.Code() == codes.InvalidArgument, "an empty article is refused: %v", told.Code())
	for _, detail := range told.Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			check(bad.FieldViolations[0].Field == "article.body", "the field is named: %v", bad.FieldViolations)
			return
		}
	}
	check(false, "the field is named: %v", told.Details())
}

func stream(ctx context.Context, client datelinev1.ExtractionServiceClient) {
	const count = 20
	calls, err := client.ExtractStream(ctx)
	check(err == nil, "a stream: %v", err)
	go func() {
		for number := 0; number < count; number++ {
			article := &datelinev1.Article{Id: fmt.Sprint(number), Body: body}
			if calls.Send(&datelinev1.ExtractStreamRequest{Article: article}) != nil {
				return
			}
		}
		_ = calls.CloseSend()
	}()
	seen := map[string]bool{}
	for {
		result, err := calls.Recv()
		if err == io.EOF {
			break
		}
		check(err == nil && result.GetResponse() != nil, "a result: %v", err)
		seen[result.ArticleId] = true
	}
	check(len(seen) == count, "every article of a stream is answered: %d", len(seen))
}

func check(truth bool, what string, arguments ...interface{}) {
	if !truth {
		log.Fatalf("FAILED: "+what, arguments...)
	}
}
