package io.pgnode.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgnode.cli.text.Json;
import io.pgnode.cli.text.Style;
import io.pgnode.cli.view.MemberState;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.model.MemberName;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Follows members whose data is copied, until all of them stream again. */
final class ReinitProgress {
    private static final Duration POLL = Duration.ofSeconds(1);

    /** A member that shows no copy within this time had nothing to copy, or has finished. */
    private static final Duration START_GRACE = Duration.ofSeconds(15);

    private final Console console;
    private final ClusterSession session;
    private final List<Member> waiting;
    private final Set<MemberName> copying = new HashSet<>();
    private final Map<MemberName, String> shown = new HashMap<>();
    private final long startNanos = System.nanoTime();

    ReinitProgress(Console console, ClusterSession session, List<Member> members) {
        this.console = console;
        this.session = session;
        this.waiting = new ArrayList<>(members);
    }

    /** Without a limit of its own: a copy of terabytes takes hours. Ctrl-C leaves it running. */
    ExitCode follow() {
        try (ViewWatch watch = new ViewWatch(session.store())) {
            ClusterView view = session.read();
            while (true) {
                view = newest(watch, view);
                for (Member member : List.copyOf(waiting)) {
                    if (look(view.members().get(member.name()), member)) {
                        waiting.remove(member);
                    }
                }
                if (waiting.isEmpty()) {
                    return ExitCode.OK;
                }
            }
        }
    }

    private static ClusterView newest(ViewWatch watch, ClusterView last) {
        ClusterView newest = last;
        ClusterView next = watch.next(POLL);
        while (next != null) {
            newest = next;
            next = watch.next(Duration.ZERO);
        }
        return newest;
    }

    /** Whether it is done. */
    private boolean look(@Nullable Member now, Member before) {
        if (now == null) {
            show(before.name(), "is away");
            return false;
        }
        boolean runs = now.isRunning();
        if (!runs) {
            copying.add(now.name());
        }
        boolean began = copying.contains(now.name()) || elapsed() > START_GRACE.toSeconds();
        if (runs && began) {
            show(now.name(), "is " + MemberState.of(now) + " again");
            return true;
        }
        String task = task(now);
        show(now.name(), task.isEmpty() ? "is " + MemberState.of(now) : task);
        return false;
    }

    /** What the member itself says it is doing, with its progress; empty when it says nothing. */
    private String task(Member member) {
        try {
            MemberApi.Answer answer = session.api().call(member, "GET", "/patroni", "", POLL);
            JsonNode task = Json.parse(answer.text()).path("pgnode").path("task");
            return task.isTextual() ? task.textValue() : "";
        } catch (IOException | IllegalArgumentException e) {
            return ""; // its state in the DCS is shown instead
        }
    }

    private void show(MemberName name, String text) {
        if (!text.equals(shown.put(name, text))) {
            console.note(Style.FAINT, "%6d s  %s %s".formatted(elapsed(), name, text));
        }
    }

    private long elapsed() {
        return (System.nanoTime() - startNanos) / 1_000_000_000L;
    }
}
