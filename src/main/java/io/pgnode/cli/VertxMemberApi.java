package io.pgnode.cli;

import io.pgnode.agent.rest.PeerClient;
import io.pgnode.agent.rest.RestAnswer;
import io.pgnode.agent.rest.RestClientException;
import io.pgnode.agent.rest.RestClientSettings;
import io.pgnode.cluster.Member;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/** The REST API of members over HTTP. */
final class VertxMemberApi implements MemberApi {
    private final Vertx vertx;
    private final PeerClient client;

    VertxMemberApi(RestClientSettings settings) {
        vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(1)
                                .setWorkerPoolSize(1)
                                .setInternalBlockingPoolSize(1)
                                .setPreferNativeTransport(true)
                                .setFileSystemOptions(
                                        new FileSystemOptions()
                                                .setClassPathResolvingEnabled(false)
                                                .setFileCachingEnabled(false)));
        client = new PeerClient(vertx, settings);
    }

    @Override
    public Answer call(Member member, String method, String path, String body, Duration timeout)
            throws IOException {
        if (member.apiUrl().isEmpty()) {
            throw new NotReached(
                    "its key in the DCS has no api_url", new IOException("no api_url"));
        }
        try {
            RestAnswer answer =
                    client.send(
                                    method,
                                    member.apiUrl(),
                                    path,
                                    body.isEmpty() ? null : body,
                                    timeout)
                            .join(); // ends by its own timeout
            return new Answer(answer.status(), answer.text());
        } catch (CompletionException e) {
            if (e.getCause() instanceof RestClientException failure) {
                throw failed(failure);
            }
            throw e;
        }
    }

    private static IOException failed(RestClientException failure) {
        String message = String.valueOf(failure.getMessage());
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof ConnectException || t instanceof UnknownHostException) {
                return new NotReached(message, failure);
            }
        }
        return new NoAnswer(message, failure);
    }

    @Override
    public void close() {
        client.close();
        var _ = vertx.close(); // nobody waits for it: the process ends
    }
}
