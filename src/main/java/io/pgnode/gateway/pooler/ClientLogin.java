package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.pgnode.wire.BackendMessages;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.Frames;
import io.pgnode.wire.FrontendTag;
import io.pgnode.wire.Md5Password;
import io.pgnode.wire.Opening;
import io.pgnode.wire.OpeningReader;
import io.pgnode.wire.ProtocolViolation;
import io.pgnode.wire.ScramSecret;
import io.pgnode.wire.ScramServer;
import io.pgnode.wire.SqlState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client from its first byte to its login. Confined to its event loop. */
final class ClientLogin extends ByteToMessageDecoder {
    private static final int MAX_PASSWORD = 64 * 1024;

    /** What is expected next. */
    private enum Step {
        OPENING,
        PASSWORD,
        SASL_FIRST,
        SASL_LAST,
        DONE
    }

    private final Pooler pooler;
    private final int loop;
    private Step step = Step.OPENING;
    private Opening.@Nullable Login login;
    private LoginRules.@Nullable Role role;
    private byte[] salt = new byte[0];
    private @Nullable ScramServer scram;

    ClientLogin(Pooler pooler, int loop) {
        this.pooler = pooler;
        this.loop = loop;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> messages)
            throws ProtocolViolation {
        switch (step) {
            case OPENING -> opening(context, in);
            case PASSWORD, SASL_FIRST, SASL_LAST -> password(context, in);
            case DONE -> {
                // What follows belongs to the session; the decoder hands it on when it is removed.
            }
        }
    }

    private void opening(ChannelHandlerContext context, ByteBuf in) throws ProtocolViolation {
        Opening read = OpeningReader.read(in);
        switch (read) {
            case null -> {}
            case Opening.TlsRequest _ -> answer(context, 'N', in);
            case Opening.GssRequest _ -> answer(context, 'N', in);
            case Opening.Cancel cancel -> {
                step = Step.DONE;
                pooler.cancel(cancel.key());
                var _ = context.close();
            }
            case Opening.Login wanted -> begin(context, wanted);
        }
    }

    private static void answer(ChannelHandlerContext context, char letter, ByteBuf in)
            throws ProtocolViolation {
        if (in.isReadable()) {
            // Somebody put bytes in front of the encrypted ones.
            throw new ProtocolViolation("received unencrypted data after TLS request");
        }
        var _ = context.writeAndFlush(context.alloc().buffer(1).writeByte(letter));
    }

    private void begin(ChannelHandlerContext context, Opening.Login wanted)
            throws ProtocolViolation {
        login = wanted;
        if (wanted.needsNegotiation()) {
            ByteBuf out = context.alloc().buffer(64);
            BackendMessages.negotiateProtocolVersion(out, wanted.protocolOptions());
            var _ = context.write(out);
        }
        if (wanted.user().isEmpty()) {
            throw new ProtocolViolation("no PostgreSQL user name specified in startup packet");
        }
        LoginRules rules = pooler.rules();
        LoginRules.Role known = rules.role(wanted.user());
        role = known;
        LoginRules.Method method =
                rules.method(
                        wanted.user(), wanted.database(), context.channel().remoteAddress(), false);
        String secret = known == null ? null : known.secret();
        if (method == LoginRules.Method.MD5
                && (secret == null || ScramSecret.parse(secret).isPresent())) {
            method = LoginRules.Method.SCRAM;
        }
        ByteBuf out = context.alloc().buffer(64);
        switch (method) {
            case TRUST -> {
                out.release();
                if (known == null && !rules.trustsUnknown()) {
                    fail(context, SqlState.INVALID_AUTHORIZATION, "no such user");
                } else {
                    succeed(context, new ServerSecret.None());
                }
                return;
            }
            case REJECT -> {
                out.release();
                fail(context, SqlState.INVALID_AUTHORIZATION, "login rejected");
                return;
            }
            case PLAIN -> {
                step = Step.PASSWORD;
                BackendMessages.authenticationCleartext(out);
            }
            case MD5 -> {
                step = Step.PASSWORD;
                salt = pooler.secrets().bytes(4);
                BackendMessages.authenticationMd5(out, salt);
            }
            case SCRAM -> {
                step = Step.SASL_FIRST;
                scram =
                        new ScramServer(
                                scramSecret(wanted.user(), known), pooler.secrets().nonce(), null);
                BackendMessages.authenticationSasl(out, List.of(ScramServer.MECHANISM));
            }
        }
        var _ = context.writeAndFlush(out);
    }

    private ScramSecret scramSecret(String user, LoginRules.@Nullable Role known) {
        LoginRules rules = pooler.rules();
        if (known == null || known.secret() == null) {
            return rules.mockSecret(user);
        }
        ScramSecret secret = rules.scramSecret(known);
        return secret == null ? rules.mockSecret(user) : secret;
    }

    private void password(ChannelHandlerContext context, ByteBuf in) throws ProtocolViolation {
        if (in.readableBytes() < Frames.HEADER) {
            return;
        }
        int at = in.readerIndex();
        if (in.getByte(at) != FrontendTag.PASSWORD) {
            throw new ProtocolViolation("expected password response");
        }
        long size = Frames.size(in, at, MAX_PASSWORD);
        if (in.readableBytes() < size) {
            return;
        }
        int end = at + (int) size;
        in.readerIndex(end);
        switch (step) {
            case PASSWORD -> plainOrMd5(context, in, at + Frames.HEADER, end);
            case SASL_FIRST -> saslFirst(context, in, at + Frames.HEADER, end);
            case SASL_LAST -> saslLast(context, in, at + Frames.HEADER, end);
            case OPENING, DONE -> {}
        }
    }

    private void plainOrMd5(ChannelHandlerContext context, ByteBuf in, int from, int end)
            throws ProtocolViolation {
        String answer = Frames.text(in, from, Frames.endOfString(in, from, end));
        String secret = role == null ? null : role.secret();
        Opening.Login wanted = requireLogin();
        if (secret != null && salt.length > 0) {
            String stored =
                    Md5Password.isStored(secret)
                            ? secret
                            : Md5Password.stored(wanted.user(), secret);
            if (Md5Password.isRight(stored, salt, answer)) {
                succeed(
                        context,
                        Md5Password.isStored(secret)
                                ? new ServerSecret.Md5(secret)
                                : new ServerSecret.Plain(secret));
                return;
            }
        } else if (secret != null && isPassword(wanted.user(), secret, answer)) {
            succeed(context, new ServerSecret.Plain(answer));
            return;
        }
        wrongPassword(context);
    }

    private static boolean isPassword(String user, String secret, String answer) {
        String given = Md5Password.isStored(secret) ? Md5Password.stored(user, answer) : answer;
        return MessageDigest.isEqual(
                given.getBytes(StandardCharsets.UTF_8), secret.getBytes(StandardCharsets.UTF_8));
    }

    private void saslFirst(ChannelHandlerContext context, ByteBuf in, int from, int end)
            throws ProtocolViolation {
        int nameEnd = Frames.endOfString(in, from, end);
        int data = nameEnd + 5;
        if (data > end || in.getInt(nameEnd + 1) != end - data) {
            throw new ProtocolViolation("malformed SCRAM message");
        }
        ByteBuf out = context.alloc().buffer(256);
        boolean written = false;
        try {
            BackendMessages.authenticationSaslContinue(
                    out,
                    requireScram()
                            .first(Frames.text(in, from, nameEnd), Frames.text(in, data, end)));
            written = true;
        } finally {
            if (!written) {
                out.release();
            }
        }
        step = Step.SASL_LAST;
        var _ = context.writeAndFlush(out);
    }

    private void saslLast(ChannelHandlerContext context, ByteBuf in, int from, int end)
            throws ProtocolViolation {
        ScramServer.Verified verified = requireScram().last(Frames.text(in, from, end));
        if (verified == null || role == null) {
            wrongPassword(context);
            return;
        }
        ByteBuf out = context.alloc().buffer(64);
        BackendMessages.authenticationSaslFinal(out, verified.message());
        var _ = context.write(out);
        succeed(context, new ServerSecret.Scram(verified.keys()));
    }

    private void wrongPassword(ChannelHandlerContext context) {
        fail(context, SqlState.INVALID_PASSWORD, "password authentication failed");
    }

    private Opening.Login requireLogin() {
        if (login == null) {
            throw new IllegalStateException("no login yet");
        }
        return login;
    }

    private ScramServer requireScram() {
        if (scram == null) {
            throw new IllegalStateException("no SCRAM exchange");
        }
        return scram;
    }

    private void succeed(ChannelHandlerContext context, ServerSecret secret) {
        step = Step.DONE;
        pooler.loggedIn(context, loop, requireLogin(), secret, this);
    }

    private void fail(ChannelHandlerContext context, String sqlState, String message) {
        step = Step.DONE;
        ByteBuf out = context.alloc().buffer(128);
        ErrorMessage.fatal(sqlState, message).writeTo(out);
        context.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
    }

    /** The login cannot go on. */
    void refuse(ChannelHandlerContext context, ErrorMessage error) {
        step = Step.DONE;
        ByteBuf out = context.alloc().buffer(128);
        error.writeTo(out);
        context.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable root = cause.getCause() == null ? cause : cause.getCause();
        if (root instanceof ProtocolViolation) {
            fail(context, SqlState.PROTOCOL_VIOLATION, String.valueOf(root.getMessage()));
        } else {
            var _ = context.close();
        }
    }
}
