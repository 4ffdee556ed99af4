package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.pgnode.wire.BackendMessages;
import io.pgnode.wire.Frames;
import io.pgnode.wire.Md5Password;
import io.pgnode.wire.ProtocolViolation;
import org.jspecify.annotations.Nullable;

/** The hash of a password and a salt of this login. */
final class Md5Proof implements PasswordProof {
    private final String user;
    private final LoginRules.@Nullable Role role;
    private final byte[] salt;

    /**
     * @param role null when it is not known
     * @param salt four random bytes
     */
    Md5Proof(String user, LoginRules.@Nullable Role role, byte[] salt) {
        this.user = user;
        this.role = role;
        this.salt = salt.clone();
    }

    @Override
    public void ask(ByteBuf out) {
        BackendMessages.authenticationMd5(out, salt);
    }

    @Override
    public Answer read(ByteBuf in, int from, int end) throws ProtocolViolation {
        String hash = Frames.text(in, from, Frames.endOfString(in, from, end));
        return () -> check(hash);
    }

    private Verdict check(String hash) {
        String secret = role == null ? null : role.secret();
        if (secret == null) {
            return new Verdict.Wrong();
        }
        String stored = Md5Password.isStored(secret) ? secret : Md5Password.stored(user, secret);
        return Md5Password.isRight(stored, salt, hash)
                ? new Verdict.Right(ServerSecret.of(secret))
                : new Verdict.Wrong();
    }
}
