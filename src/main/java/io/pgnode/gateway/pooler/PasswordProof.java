package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.pgnode.wire.ProtocolViolation;
import java.util.function.Supplier;

/**
 * How a client proves by a password that it is a role: what it is asked, and what its answers are
 * worth. Confined to the client's loop.
 */
sealed interface PasswordProof permits PlainProof, Md5Proof, ScramProof {
    /** What an answer leads to. */
    sealed interface Verdict {
        /**
         * The password is right.
         *
         * @param secret what it is good for at servers
         */
        record Right(ServerSecret secret) implements Verdict {}

        /** The same, and the client wants a proof in turn. */
        record Mutual(ServerSecret secret, String proof) implements Verdict {}

        record Wrong() implements Verdict {}

        /** Another answer is needed, to this. */
        record More(String challenge) implements Verdict {}

        /** To say it takes milliseconds; any thread may. */
        record Slow(Supplier<Verdict> check) implements Verdict {}
    }

    /** An answer that was read, and not checked: that costs something, and is done in turn. */
    interface Answer {
        Verdict check() throws ProtocolViolation;
    }

    /** Writes what the client is asked first. */
    void ask(ByteBuf out);

    /** Reads the client's next answer, without its header. */
    Answer read(ByteBuf in, int from, int end) throws ProtocolViolation;
}
