package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.pgnode.wire.BackendMessages;
import io.pgnode.wire.Frames;
import io.pgnode.wire.ProtocolViolation;
import io.pgnode.wire.ScramSecret;
import io.pgnode.wire.ScramServer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** SCRAM-SHA-256, over TLS with channel binding if the client wants that. */
final class ScramProof implements PasswordProof {
    private final LoginRules.@Nullable Role role;
    private final ScramServer server;
    private final boolean mayBind;
    private boolean isBegun;

    /**
     * @param role null when it is not known, which the client is not to notice
     * @param secret of the role, or what stands in for it
     * @param nonce of this login
     * @param endPoint hash of our certificate; null without TLS
     */
    ScramProof(
            LoginRules.@Nullable Role role,
            ScramSecret secret,
            String nonce,
            byte @Nullable [] endPoint) {
        this.role = role;
        this.server = new ScramServer(secret, nonce, endPoint);
        this.mayBind = endPoint != null;
    }

    @Override
    public void ask(ByteBuf out) {
        BackendMessages.authenticationSasl(
                out,
                mayBind
                        ? List.of(ScramServer.MECHANISM_PLUS, ScramServer.MECHANISM)
                        : List.of(ScramServer.MECHANISM));
    }

    @Override
    public Answer read(ByteBuf in, int from, int end) throws ProtocolViolation {
        return isBegun ? last(Frames.text(in, from, end)) : first(in, from, end);
    }

    private Answer first(ByteBuf in, int from, int end) throws ProtocolViolation {
        int nameEnd = Frames.endOfString(in, from, end);
        int data = nameEnd + 5;
        if (data > end || in.getInt(nameEnd + 1) != end - data) {
            throw new ProtocolViolation("malformed SCRAM message");
        }
        String mechanism = Frames.text(in, from, nameEnd);
        String message = Frames.text(in, data, end);
        return () -> {
            String challenge = server.first(mechanism, message);
            isBegun = true;
            return new Verdict.More(challenge);
        };
    }

    private Answer last(String message) {
        return () -> {
            ScramServer.Verified verified = server.last(message);
            if (verified == null || role == null || role.scram() == null) {
                return new Verdict.Wrong();
            }
            // A secret that we derived ourselves has another salt than the server's: keys would not
            // do.
            ServerSecret kept = ServerSecret.of(role.secret());
            return new Verdict.Mutual(
                    kept instanceof ServerSecret.None
                            ? new ServerSecret.Scram(verified.keys())
                            : kept,
                    verified.message());
        };
    }
}
