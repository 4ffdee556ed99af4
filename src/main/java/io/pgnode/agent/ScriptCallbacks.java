package io.pgnode.agent;

import io.pgnode.os.Command;
import io.pgnode.os.CommandResult;
import io.pgnode.os.RunningCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** {@link Callbacks} as programs, called with event, role and scope as last arguments. */
public final class ScriptCallbacks implements Callbacks {
    private static final Logger LOG = Logger.getLogger(ScriptCallbacks.class);

    /** A callback that runs longer is ended. */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    /** The two scripts that a change of leader waits for. */
    private static final Duration BLOCKING_LIMIT = Duration.ofSeconds(30);

    /** The command lines; empty lists stand for no script. */
    record Scripts(
            Map<Event, List<String>> commands, List<String> prePromote, List<String> beforeStop) {
        Scripts {
            commands = Map.copyOf(commands);
            prePromote = List.copyOf(prePromote);
            beforeStop = List.copyOf(beforeStop);
        }
    }

    private final Supplier<Scripts> scripts;
    private final String scope;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable RunningCommand running;

    /**
     * @param scripts asked at each event, on any thread
     */
    ScriptCallbacks(Supplier<Scripts> scripts, String scope) {
        this.scripts = scripts;
        this.scope = scope;
    }

    @Override
    public void fire(Event event, String role) {
        List<String> command = scripts.get().commands().getOrDefault(event, List.of());
        if (command.isEmpty()) {
            return;
        }
        List<String> args = new ArrayList<>(command);
        args.addAll(List.of(event.text(), role, scope));
        Thread.ofVirtual().start(() -> runInBackground(args));
    }

    private void runInBackground(List<String> args) {
        try {
            RunningCommand started;
            lock.lock();
            try {
                if (running != null && running.isRunning()) {
                    LOG.warnf("a callback is still running and is ended for %s", args);
                    running.cancel();
                }
                started = Command.of(args).deadline(LIMIT).start();
                running = started;
            } finally {
                lock.unlock();
            }
            CommandResult result = started.await();
            if (!result.isSuccess()) {
                LOG.warnf("callback %s failed: %s", args, result.explain());
            }
        } catch (IOException e) {
            LOG.warnf("callback %s cannot be started: %s", args, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public CompletableFuture<Boolean> prePromote() {
        return succeeds("pre_promote", scripts.get().prePromote());
    }

    @Override
    public CompletableFuture<Boolean> beforeStop() {
        return succeeds("before_stop", scripts.get().beforeStop());
    }

    private static CompletableFuture<Boolean> succeeds(String name, List<String> command) {
        CompletableFuture<Boolean> outcome = new CompletableFuture<>();
        if (command.isEmpty()) {
            outcome.complete(true);
            return outcome;
        }
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                CommandResult result =
                                        Command.of(command).deadline(BLOCKING_LIMIT).run();
                                if (!result.isSuccess()) {
                                    LOG.warnf("%s failed: %s", name, result.explain());
                                }
                                outcome.complete(result.isSuccess());
                            } catch (IOException e) {
                                LOG.warnf("%s cannot be started: %s", name, e.getMessage());
                                outcome.complete(false);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                                outcome.complete(false);
                            }
                        });
        return outcome;
    }
}
