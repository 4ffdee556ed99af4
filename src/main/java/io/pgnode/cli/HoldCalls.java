package io.pgnode.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgnode.cli.text.Style;
import io.pgnode.cluster.Member;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.feed.HoldClient;
import io.pgnode.feed.HoldScope;
import io.pgnode.feed.HoldStatus;
import io.pgnode.guard.RunFiles;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** Asks gateways to hold clients or to let them go, and tells what each answered. */
final class HoldCalls {
    /** Who holds the clients. */
    static final String OWNER = "operator";

    /** Whose clients, on the command line. */
    enum Scope {
        primary(HoldScope.PRIMARY),
        local(HoldScope.LOCAL);

        private final HoldScope scope;

        Scope(HoldScope scope) {
            this.scope = scope;
        }

        HoldScope scope() {
            return scope;
        }

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final Console console;
    private final ClusterOptions options;

    HoldCalls(Console console, ClusterOptions options) {
        this.console = console;
        this.options = options;
    }

    /** This node's gateway. */
    ExitCode here(Function<HoldClient, CompletableFuture<HoldStatus>> call) {
        PgnodeConfig config = ConfiguredConnector.load(options, console.surroundings());
        RunFiles files = new RunFiles(config.runDir());
        try {
            HoldStatus status =
                    call.apply(new HoldClient(files.gatewaySocket())).join(); // has a deadline
            console.println(text(status.isHeld(), status.open(), status.waiting()));
            return ExitCode.OK;
        } catch (CompletionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new CliException(
                    ExitCode.UNAVAILABLE,
                    String.valueOf(cause.getMessage()),
                    "does \"pgnode run\" run here, with gateway.enabled and run-dir "
                            + files.directory()
                            + "?",
                    e);
        }
    }

    /** The gateways of all members, through their agents; the worst result. */
    ExitCode everywhere(String path, String body) {
        try (ClusterSession session = console.surroundings().connect(options)) {
            ExitCode worst = ExitCode.OK;
            for (Member member : session.read().members().values()) {
                ExitCode code = at(member, session.api(), path, body);
                worst = code == ExitCode.OK ? worst : code;
            }
            return worst;
        }
    }

    private ExitCode at(Member member, MemberApi api, String path, String body) {
        try {
            MemberApi.Answer answer = api.call(member, "POST", path, body, TIMEOUT);
            if (answer.isSuccess()) {
                console.println(member.name() + ": " + text(answer.text()));
            } else {
                String hint = answer.hint().isEmpty() ? "" : " (" + answer.hint() + ")";
                console.note(Style.BAD, member.name() + ": " + answer.text().strip() + hint);
            }
            return answer.exitCode();
        } catch (IOException e) {
            console.note(Style.BAD, member.name() + ": " + e.getMessage());
            return ExitCode.UNAVAILABLE;
        }
    }

    private static String text(String json) {
        try {
            JsonNode status = new ObjectMapper().readTree(json);
            return text(
                    status.path("held").asBoolean(),
                    status.path("open").asInt(),
                    status.path("waiting").asInt());
        } catch (JsonProcessingException e) {
            return json.strip();
        }
    }

    private static String text(boolean isHeld, int open, int waiting) {
        return (isHeld ? "held" : "not held")
                + ", transactions open: "
                + open
                + ", clients waiting: "
                + waiting;
    }
}
