package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.pgnode.wire.BackendMessages;
import io.pgnode.wire.Frames;
import io.pgnode.wire.Md5Password;
import io.pgnode.wire.ProtocolViolation;
import io.pgnode.wire.ScramSecret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * The password itself, against any kind of secret.
 *
 * @param role null when it is not known
 */
record PlainProof(String user, LoginRules.@Nullable Role role) implements PasswordProof {
    @Override
    public void ask(ByteBuf out) {
        BackendMessages.authenticationCleartext(out);
    }

    @Override
    public Answer read(ByteBuf in, int from, int end) throws ProtocolViolation {
        String password = Frames.text(in, from, Frames.endOfString(in, from, end));
        return () -> check(password);
    }

    private Verdict check(String password) {
        String secret = role == null ? null : role.secret();
        ScramSecret derived = role == null ? null : role.scram();
        if (secret == null) {
            return new Verdict.Wrong();
        }
        if (derived == null || ServerSecret.of(secret) instanceof ServerSecret.Plain) {
            return verdict(isPassword(secret, password), password);
        }
        return new Verdict.Slow(
                () ->
                        verdict(
                                ScramSecret.of(password, derived.salt(), derived.iterations())
                                        .equals(derived),
                                password));
    }

    private static Verdict verdict(boolean isRight, String password) {
        return isRight ? new Verdict.Right(new ServerSecret.Plain(password)) : new Verdict.Wrong();
    }

    private boolean isPassword(String secret, String password) {
        String given = Md5Password.isStored(secret) ? Md5Password.stored(user, password) : password;
        return MessageDigest.isEqual(
                given.getBytes(StandardCharsets.UTF_8), secret.getBytes(StandardCharsets.UTF_8));
    }
}
