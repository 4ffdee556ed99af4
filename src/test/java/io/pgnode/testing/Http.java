package io.pgnode.testing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Plain HTTP requests with a deadline. */
public final class Http {
    /** What came back; status 0 when nothing did, with the reason as body. */
    public record Answer(int status, String body) {
        public boolean isOk() {
            return status == 200;
        }
    }

    private static final HttpClient CLIENT =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(2))
                    .build();

    private Http() {}

    public static Answer get(String url) {
        return send("GET", url, "", Duration.ofSeconds(3));
    }

    public static Answer post(String url, String json, Duration limit) {
        return send("POST", url, json, limit);
    }

    public static Answer patch(String url, String json) {
        return send("PATCH", url, json, Duration.ofSeconds(10));
    }

    private static Answer send(String method, String url, String json, Duration limit) {
        HttpRequest.BodyPublisher body =
                json.isEmpty()
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(json);
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url))
                        .timeout(limit)
                        .header("Content-Type", "application/json")
                        .method(method, body)
                        .build();
        try {
            HttpResponse<String> response =
                    CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            return new Answer(0, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
