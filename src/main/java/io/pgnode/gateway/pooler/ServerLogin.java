package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.pgnode.wire.BackendTag;
import io.pgnode.wire.CancelKey;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.Frames;
import io.pgnode.wire.FrontendMessages;
import io.pgnode.wire.Md5Password;
import io.pgnode.wire.ProtocolViolation;
import io.pgnode.wire.ScramClient;
import io.pgnode.wire.SqlState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Logs in to a server; then hands the connection over, or says why not. */
final class ServerLogin extends ByteToMessageDecoder {
    private static final int MAX_MESSAGE = 64 * 1024;
    private static final int AUTH_OK = 0;
    private static final int AUTH_CLEARTEXT = 3;
    private static final int AUTH_MD5 = 5;
    private static final int AUTH_SASL = 10;
    private static final int AUTH_SASL_CONTINUE = 11;
    private static final int AUTH_SASL_FINAL = 12;

    /** What becomes of the login; called once, on the connection's loop. */
    interface Outcome {
        /**
         * @param reported the server's parameters
         */
        void loggedIn(ChannelHandlerContext context, CancelKey key, Map<String, String> reported);

        /**
         * @param sqlState empty when the server gave none
         */
        void failed(String sqlState, String message);
    }

    private final Target target;
    private final Secrets secrets;
    private final Outcome outcome;
    private final Map<String, String> reported = new LinkedHashMap<>();
    private CancelKey key = new CancelKey(0, 0);
    private @Nullable ScramClient scram;
    private boolean isDone;

    ServerLogin(Target target, Secrets secrets, Outcome outcome) {
        this.target = target;
        this.secrets = secrets;
        this.outcome = outcome;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        ByteBuf out = context.alloc().buffer(256);
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", target.user());
        parameters.put("database", target.database());
        parameters.putAll(target.parameters());
        FrontendMessages.startup(out, parameters);
        var _ = context.writeAndFlush(out);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> messages)
            throws ProtocolViolation {
        while (!isDone && in.readableBytes() >= Frames.HEADER) {
            int at = in.readerIndex();
            long size = Frames.size(in, at, MAX_MESSAGE);
            if (in.readableBytes() < size) {
                return;
            }
            int end = at + (int) size;
            message(context, in, in.getByte(at), at + Frames.HEADER, end);
            in.readerIndex(end);
        }
    }

    private void message(ChannelHandlerContext context, ByteBuf in, byte tag, int from, int end)
            throws ProtocolViolation {
        switch (tag) {
            case BackendTag.AUTHENTICATION -> authentication(context, in, from, end);
            case BackendTag.PARAMETER_STATUS -> {
                int nameEnd = Frames.endOfString(in, from, end);
                int valueEnd = Frames.endOfString(in, nameEnd + 1, end);
                reported.put(
                        Frames.text(in, from, nameEnd), Frames.text(in, nameEnd + 1, valueEnd));
            }
            case BackendTag.BACKEND_KEY_DATA -> {
                if (end - from == 8) {
                    key = new CancelKey(in.getInt(from), in.getInt(from + 4));
                }
            }
            case BackendTag.READY_FOR_QUERY -> {
                isDone = true;
                outcome.loggedIn(context, key, reported);
            }
            case BackendTag.ERROR_RESPONSE -> {
                ErrorMessage error = ErrorMessage.read(in, from, end);
                fail(context, error.sqlState(), error.message());
            }
            case BackendTag.NOTICE_RESPONSE, BackendTag.NEGOTIATE_PROTOCOL_VERSION -> {}
            default -> throw new ProtocolViolation("unexpected message during login");
        }
    }

    private void authentication(ChannelHandlerContext context, ByteBuf in, int from, int end)
            throws ProtocolViolation {
        if (end - from < 4) {
            throw new ProtocolViolation("invalid authentication request");
        }
        ByteBuf out = context.alloc().buffer(256);
        boolean answered = false;
        try {
            int data = from + 4;
            switch (in.getInt(from)) {
                case AUTH_OK -> {}
                case AUTH_CLEARTEXT -> {
                    FrontendMessages.password(out, plain());
                    answered = true;
                }
                case AUTH_MD5 -> {
                    byte[] salt = new byte[4];
                    in.getBytes(data, salt);
                    FrontendMessages.password(out, Md5Password.answer(md5(), salt));
                    answered = true;
                }
                case AUTH_SASL -> {
                    ScramClient client = scramClient();
                    scram = client;
                    FrontendMessages.saslInitialResponse(out, "SCRAM-SHA-256", client.first());
                    answered = true;
                }
                case AUTH_SASL_CONTINUE -> {
                    if (scram == null) {
                        throw new ProtocolViolation("unexpected SCRAM message");
                    }
                    FrontendMessages.saslResponse(out, scram.last(Frames.text(in, data, end)));
                    answered = true;
                }
                case AUTH_SASL_FINAL -> {
                    if (scram == null || !scram.isServerRight(Frames.text(in, data, end))) {
                        throw new ProtocolViolation("the server does not know the password");
                    }
                }
                default ->
                        throw new ProtocolViolation(
                                "the server asks for a login that we do not support");
            }
        } finally {
            if (!answered) {
                out.release();
            }
        }
        if (answered) {
            var _ = context.writeAndFlush(out);
        }
    }

    private String plain() throws ProtocolViolation {
        if (target.secret() instanceof ServerSecret.Plain secret) {
            return secret.password();
        }
        throw noPassword();
    }

    private String md5() throws ProtocolViolation {
        return switch (target.secret()) {
            case ServerSecret.Plain secret -> Md5Password.stored(target.user(), secret.password());
            case ServerSecret.Md5 secret -> secret.stored();
            case ServerSecret.None _, ServerSecret.Scram _ -> throw noPassword();
        };
    }

    private ScramClient scramClient() throws ProtocolViolation {
        return switch (target.secret()) {
            case ServerSecret.Plain secret ->
                    ScramClient.withPassword(secret.password(), secrets.nonce());
            case ServerSecret.Scram secret -> ScramClient.withKeys(secret.keys(), secrets.nonce());
            case ServerSecret.None _, ServerSecret.Md5 _ -> throw noPassword();
        };
    }

    private ProtocolViolation noPassword() {
        return new ProtocolViolation(
                "the server asks for the password of " + target.user() + ", which we do not have");
    }

    private void fail(ChannelHandlerContext context, String sqlState, String message) {
        if (!isDone) {
            isDone = true;
            outcome.failed(sqlState, message);
        }
        var _ = context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        fail(context, SqlState.CONNECTION_FAILURE, "server closed the connection during login");
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable root = cause.getCause() == null ? cause : cause.getCause();
        fail(context, "", String.valueOf(root.getMessage()));
    }
}
