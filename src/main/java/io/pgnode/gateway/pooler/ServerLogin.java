package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.pgnode.net.Sockets;
import io.pgnode.net.TlsContext;
import io.pgnode.wire.BackendTag;
import io.pgnode.wire.CancelKey;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.Frames;
import io.pgnode.wire.FrontendMessages;
import io.pgnode.wire.Md5Password;
import io.pgnode.wire.ProtocolViolation;
import io.pgnode.wire.ScramClient;
import io.pgnode.wire.SqlState;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Logs in to a server; then hands the connection over, or says why not. Confined to its loop, but
 * for what takes milliseconds of CPU, which the workers do.
 */
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

    /** What is expected next. */
    private enum Step {
        TLS_ANSWER,
        LOGIN,
        CONNECT_QUERY,
        ROLE,
        DONE
    }

    private final Target target;
    private final Secrets secrets;
    private final Executor workers;
    private final Outcome outcome;
    private final Map<String, String> reported = new LinkedHashMap<>();
    private Step step = Step.LOGIN;
    private CancelKey key = new CancelKey(0, 0);
    private boolean isInRecovery;
    private @Nullable ScramClient scram;
    private @Nullable Future<?> deadline;

    /**
     * Connects, and logs in; the outcome hears of a failure of either.
     *
     * @param workers for passwords and TLS handshakes
     */
    static void begin(
            EventLoop loop, Target target, Secrets secrets, Executor workers, Outcome outcome) {
        Sockets.connectDirect(
                        loop,
                        target.address(),
                        target.connectLimit(),
                        new ServerLogin(target, secrets, workers, outcome))
                .addListener(
                        done -> {
                            if (!done.isSuccess()) {
                                outcome.failed("", Sockets.reason(target.address(), done.cause()));
                            }
                        });
    }

    private ServerLogin(Target target, Secrets secrets, Executor workers, Outcome outcome) {
        this.target = target;
        this.secrets = secrets;
        this.workers = workers;
        this.outcome = outcome;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        deadline =
                context.executor()
                        .schedule(
                                () -> fail(context, SqlState.CONNECTION_FAILURE, "connect timeout"),
                                target.connectLimit().toMillis(),
                                TimeUnit.MILLISECONDS);
        boolean isUnix = context.channel().remoteAddress() instanceof DomainSocketAddress;
        if (isUnix || target.tls().mode() == ServerTls.Mode.OFF) {
            sendStartup(context);
            return;
        }
        step = Step.TLS_ANSWER;
        ByteBuf out = context.alloc().buffer(8);
        FrontendMessages.tlsRequest(out);
        var _ = context.writeAndFlush(out);
    }

    private void sendStartup(ChannelHandlerContext context) {
        step = Step.LOGIN;
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
        if (step == Step.TLS_ANSWER) {
            tlsAnswer(context, in);
            return;
        }
        while (step != Step.DONE && in.readableBytes() >= Frames.HEADER) {
            int at = in.readerIndex();
            long size = Frames.size(in, at, MAX_MESSAGE);
            if (in.readableBytes() < size) {
                return;
            }
            int end = at + (int) size;
            in.readerIndex(end);
            message(context, in, in.getByte(at), at + Frames.HEADER, end);
        }
    }

    // ---------------------------------------------------------------- TLS

    private void tlsAnswer(ChannelHandlerContext context, ByteBuf in) throws ProtocolViolation {
        byte answer = in.getByte(in.readerIndex());
        if (answer == BackendTag.ERROR_RESPONSE) {
            // It cannot even start a process for us, and says so in its usual way.
            step = Step.LOGIN;
            return;
        }
        in.skipBytes(1);
        if (in.isReadable()) {
            throw new ProtocolViolation("server sent unencrypted data after its answer on TLS");
        }
        switch (answer) {
            case 'S' -> startTls(context);
            case 'N' -> {
                if (target.tls().mode() == ServerTls.Mode.PREFERRED) {
                    sendStartup(context);
                } else {
                    fail(context, SqlState.CONNECTION_FAILURE, "server refused TLS");
                }
            }
            default -> throw new ProtocolViolation("server gave no answer on TLS");
        }
    }

    private void startTls(ChannelHandlerContext context) {
        TlsContext tls = target.tls().context();
        if (tls == null) {
            throw new IllegalStateException("TLS was asked for without keys");
        }
        InetSocketAddress server = (InetSocketAddress) context.channel().remoteAddress();
        boolean isNamed = target.tls().mode() == ServerTls.Mode.VERIFIED_FOR_HOST;
        SslHandler handler =
                new SslHandler(
                        tls.connecting(server.getHostString(), server.getPort(), isNamed), workers);
        handler.setHandshakeTimeoutMillis(target.connectLimit().toMillis());
        step = Step.LOGIN;
        context.pipeline().addFirst("tls", handler);
        handler.handshakeFuture()
                .addListener(
                        done -> {
                            if (done.isSuccess()) {
                                sendStartup(context);
                            } else {
                                fail(
                                        context,
                                        SqlState.CONNECTION_FAILURE,
                                        "TLS handshake failed: "
                                                + Sockets.reason(target.address(), done.cause()));
                            }
                        });
    }

    // ---------------------------------------------------------------- messages

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
            case BackendTag.READY_FOR_QUERY -> ready(context);
            case BackendTag.ERROR_RESPONSE -> {
                ErrorMessage error = ErrorMessage.read(in, from, end);
                fail(context, error.sqlState(), error.message());
            }
            case BackendTag.DATA_ROW -> {
                if (step == Step.ROLE) {
                    isInRecovery = Frames.text(in, end - 1, end).equals("t");
                }
            }
            case BackendTag.NOTICE_RESPONSE, BackendTag.NEGOTIATE_PROTOCOL_VERSION -> {}
            default -> {
                if (step != Step.CONNECT_QUERY && step != Step.ROLE) {
                    throw new ProtocolViolation("unexpected message during login");
                }
            }
        }
    }

    private void ready(ChannelHandlerContext context) {
        if (step == Step.LOGIN && !target.connectQuery().isEmpty()) {
            ask(context, Step.CONNECT_QUERY, target.connectQuery());
            return;
        }
        if (target.isPrimary() && step != Step.ROLE) {
            // Since PostgreSQL 14; what a pooler says may be older than its server's role.
            String said = reported.get("in_hot_standby");
            if (said == null || target.isLink()) {
                ask(context, Step.ROLE, "SELECT pg_catalog.pg_is_in_recovery()");
                return;
            }
            isInRecovery = said.equals("on");
        }
        if (isInRecovery) {
            fail(context, SqlState.CONNECTION_FAILURE, "server is in recovery, so not the primary");
            return;
        }
        step = Step.DONE;
        cancelDeadline();
        outcome.loggedIn(context, key, reported);
    }

    private void ask(ChannelHandlerContext context, Step next, String sql) {
        step = next;
        ByteBuf out = context.alloc().buffer(128);
        FrontendMessages.query(out, sql);
        var _ = context.writeAndFlush(out);
    }

    private void cancelDeadline() {
        if (deadline != null) {
            var _ = deadline.cancel(false);
        }
    }

    private void authentication(ChannelHandlerContext context, ByteBuf in, int from, int end)
            throws ProtocolViolation {
        if (end - from < 4) {
            throw new ProtocolViolation("invalid authentication request");
        }
        int data = from + 4;
        switch (in.getInt(from)) {
            case AUTH_OK -> {}
            case AUTH_CLEARTEXT -> sendPassword(context, plain());
            case AUTH_MD5 -> {
                if (end - data < 4) {
                    throw new ProtocolViolation("invalid authentication request");
                }
                byte[] salt = new byte[4];
                in.getBytes(data, salt);
                sendPassword(context, Md5Password.answer(md5(), salt));
            }
            case AUTH_SASL -> {
                ScramClient client = scramClient();
                scram = client;
                ByteBuf out = context.alloc().buffer(256);
                FrontendMessages.saslInitialResponse(out, "SCRAM-SHA-256", client.first());
                var _ = context.writeAndFlush(out);
            }
            case AUTH_SASL_CONTINUE -> saslContinue(context, Frames.text(in, data, end));
            case AUTH_SASL_FINAL -> {
                if (scram == null || !scram.isServerRight(Frames.text(in, data, end))) {
                    throw new ProtocolViolation("the server does not know the password");
                }
            }
            default ->
                    throw new ProtocolViolation(
                            "the server asks for a login that we do not support");
        }
    }

    private static void sendPassword(ChannelHandlerContext context, String password) {
        ByteBuf out = context.alloc().buffer(128);
        FrontendMessages.password(out, password);
        var _ = context.writeAndFlush(out);
    }

    private void saslContinue(ChannelHandlerContext context, String serverFirst)
            throws ProtocolViolation {
        ScramClient client = scram;
        if (client == null) {
            throw new ProtocolViolation("unexpected SCRAM message");
        }
        if (!(target.secret() instanceof ServerSecret.Plain)) {
            sendSasl(context, client.last(serverFirst));
            return;
        }
        workers.execute(
                () -> {
                    try {
                        String answer = client.last(serverFirst);
                        context.executor().execute(() -> sendSasl(context, answer));
                    } catch (ProtocolViolation e) {
                        context.executor().execute(() -> fail(context, "", e.getMessage()));
                    }
                });
    }

    private static void sendSasl(ChannelHandlerContext context, String answer) {
        ByteBuf out = context.alloc().buffer(256);
        FrontendMessages.saslResponse(out, answer);
        var _ = context.writeAndFlush(out);
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
        if (step != Step.DONE) {
            step = Step.DONE;
            cancelDeadline();
            outcome.failed(sqlState, message);
            var _ = context.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        fail(context, SqlState.CONNECTION_FAILURE, "server closed the connection during login");
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable root = cause.getCause() == null ? cause : cause.getCause();
        fail(context, "", Sockets.reason(target.address(), root));
    }
}
