package io.pgnode.agent;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One thread that owns a component's state, with its clock and timers. In production a platform
 * thread, in the simulation a queue of events under a virtual clock; the component's code is the
 * same.
 */
public interface Loop extends Executor {
    /** A timer that has not fired yet; cancelling it twice, or after it fired, is harmless. */
    interface Timer {
        void cancel();
    }

    /** Boot-time clock, nanoseconds; only differences mean anything. */
    long nanos();

    /** Wall clock, for what people read and schedule. */
    Instant wallClock();

    /** Runs {@code task} on this loop, {@code delayNanos} from now at the earliest. */
    Timer schedule(long delayNanos, Runnable task);

    /**
     * The same result, completed on this loop, so that dependent stages run here too. Never wraps
     * the failure.
     */
    default <T extends @Nullable Object> CompletableFuture<T> hop(CompletableFuture<T> future) {
        CompletableFuture<T> here = new CompletableFuture<>();
        future.whenComplete(
                (value, failure) ->
                        execute(
                                () -> {
                                    if (failure == null) {
                                        here.complete(value);
                                    } else {
                                        here.completeExceptionally(unwrap(failure));
                                    }
                                }));
        return here;
    }

    static Throwable unwrap(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    /** What a failure says; its kind when it says nothing. */
    static String message(Throwable failure) {
        Throwable cause = unwrap(failure);
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
