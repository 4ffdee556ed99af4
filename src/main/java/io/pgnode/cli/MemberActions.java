package io.pgnode.cli;

import io.pgnode.cli.text.Style;
import io.pgnode.cluster.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Sends the same request to several members, one after the other, and tells how each answered. */
final class MemberActions {
    private final Console console;
    private final MemberApi api;

    MemberActions(Console console, MemberApi api) {
        this.console = console;
        this.api = api;
    }

    /** The worst result; it stops at the first failure unless {@code all}. */
    ExitCode run(
            List<Member> members,
            String method,
            String path,
            String body,
            Duration timeout,
            boolean all) {
        ExitCode worst = ExitCode.OK;
        for (Member member : members) {
            ExitCode code = run(member, method, path, body, timeout);
            if (code != ExitCode.OK) {
                worst = code;
                if (!all) {
                    break;
                }
            }
        }
        return worst;
    }

    private ExitCode run(Member member, String method, String path, String body, Duration timeout) {
        long start = System.nanoTime();
        try {
            MemberApi.Answer answer = api.call(member, method, path, body, timeout);
            String seconds = "%.1f s".formatted((System.nanoTime() - start) / 1e9);
            String text = answer.text().strip();
            if (answer.isSuccess()) {
                List<String> lines = text.isEmpty() ? List.of("done") : text.lines().toList();
                console.println(member.name() + ": " + lines.getFirst() + " (" + seconds + ")");
                lines.stream().skip(1).forEach(line -> console.println("  " + line));
            } else {
                String hint = answer.hint().isEmpty() ? "" : " (" + answer.hint() + ")";
                console.note(
                        Style.BAD,
                        "%s: refused, status %d: %s%s"
                                .formatted(member.name(), answer.status(), text, hint));
            }
            return answer.exitCode();
        } catch (IOException e) {
            console.note(Style.BAD, member.name() + ": " + e.getMessage());
            return ExitCode.UNAVAILABLE;
        }
    }
}
