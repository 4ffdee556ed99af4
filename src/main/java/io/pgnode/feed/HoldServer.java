package io.pgnode.feed;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's end of {@code gateway.sock}: gives the calls that arrive to a {@link HoldDesk}, and
 * its answers back, in the order in which they are ready. A hold outlives the connection it was
 * asked on, and this server; its own limit ends it.
 */
public final class HoldServer extends LineServer {
    private static final Logger LOG = Logger.getLogger(HoldServer.class);
    private static final Executor ASIDE = Thread::startVirtualThread;

    /** The agent, its REST API on behalf of other members, and operators. */
    static final int MAX_CLIENTS = 64;

    /** Calls without an answer, and answers not taken, of one client. */
    static final int MAX_CALLS = 64;

    private final HoldDesk desk;
    private final Supplier<List<String>> reload;
    private final HoldCodec codec = new HoldCodec();
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();

    private record Answer(Client client, String line) {}

    /**
     * Listens at once; a socket left by an earlier gateway is replaced.
     *
     * @param path at most 107 bytes
     * @param reload reads the configuration again; what is wrong with it; may block
     */
    public HoldServer(Path path, HoldDesk desk, Supplier<List<String>> reload) throws IOException {
        super("holds", path, MAX_CLIENTS, HoldCodec.MAX_LINE_BYTES);
        this.desk = desk;
        this.reload = reload;
    }

    @Override
    boolean mayStay(Client client) {
        return client.unanswered + client.output.size() <= MAX_CALLS;
    }

    @Override
    void speak(List<Client> all) {
        for (Answer answer = answers.poll(); answer != null; answer = answers.poll()) {
            answer.client().unanswered--;
            answer.client().output.add(LineOutput.bytes(answer.line()));
        }
    }

    @Override
    void handle(Client client, String line) {
        HoldCodec.Numbered numbered;
        try {
            numbered = codec.decode(line);
        } catch (IOException e) {
            client.output.add(LineOutput.bytes(codec.refusal(0, String.valueOf(e.getMessage()))));
            return;
        }
        long id = numbered.id();
        client.unanswered++;
        perform(numbered.call())
                .whenComplete(
                        (status, failure) -> {
                            answers.add(
                                    new Answer(
                                            client,
                                            failure == null
                                                    ? codec.answer(id, status)
                                                    : codec.refusal(id, message(failure))));
                            wakeUp();
                        });
    }

    private CompletableFuture<HoldStatus> perform(HoldCall call) {
        try {
            return switch (call) {
                case HoldCall.Hold(HoldRequest request) -> desk.hold(request);
                case HoldCall.Drained drained -> desk.drained(drained.scope(), drained.limit());
                case HoldCall.Release release -> {
                    desk.release(release.owner(), release.scope());
                    yield CompletableFuture.completedFuture(desk.status(release.scope()));
                }
                case HoldCall.Status(HoldScope scope) ->
                        CompletableFuture.completedFuture(desk.status(scope));
                case HoldCall.Reload _ -> CompletableFuture.supplyAsync(this::reload, ASIDE);
            };
        } catch (RuntimeException e) {
            LOG.errorf(e, "a call of the hold server failed");
            return CompletableFuture.failedFuture(e);
        }
    }

    private HoldStatus reload() {
        List<String> wrong = reload.get();
        if (!wrong.isEmpty()) {
            throw new IllegalStateException(String.join("\n", wrong));
        }
        return desk.status(HoldScope.PRIMARY);
    }

    private static String message(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        @Nullable String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
