package io.pgnode.gateway.pooler.console;

import io.pgnode.wire.ErrorMessage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** What becomes of a command. */
sealed interface Answer {
    record Rows(Table table, String tag) implements Answer {}

    record Done(String tag, List<ErrorMessage> notices) implements Answer {}

    /** The text was blank. */
    record Nothing() implements Answer {}

    record Failed(ErrorMessage error) implements Answer {}

    record Later(CompletableFuture<Answer> answer) implements Answer {}

    /**
     * Not done yet.
     *
     * @param isDone asked again and again
     * @param isUndone somebody else put an end to it
     * @param then the answer when it is done
     * @param undo called when the admin goes away or cancels
     */
    record Wait(BooleanSupplier isDone, BooleanSupplier isUndone, Answer then, Runnable undo)
            implements Answer {}
}
