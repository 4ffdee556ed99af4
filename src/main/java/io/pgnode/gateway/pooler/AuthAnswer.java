package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import io.pgnode.wire.BackendTag;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.Frames;
import io.pgnode.wire.FrontendMessages;
import io.pgnode.wire.FrontendTag;
import io.pgnode.wire.ProtocolViolation;
import io.pgnode.wire.ScramSecret;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs one auth_query on a fresh connection, reads the answer and closes. The answer's columns are
 * the role, its secret and, where there is a third one, for how many seconds the secret is valid.
 */
final class AuthAnswer extends ByteToMessageDecoder {
    private static final int MAX_MESSAGE = 256 * 1024;

    private final AuthQuery.Question question;
    private final Consumer<LoginRules.Found> answer;
    private final BiConsumer<String, String> failure;
    private LoginRules.Found found = new LoginRules.Found.Unknown();
    private boolean isDone;
    private @Nullable Future<?> deadline;

    AuthAnswer(
            AuthQuery.Question question,
            Consumer<LoginRules.Found> answer,
            BiConsumer<String, String> failure) {
        this.question = question;
        this.answer = answer;
        this.failure = failure;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        deadline =
                context.executor()
                        .schedule(
                                () -> fail(context, "08006", "no answer in time"),
                                question.target().connectLimit().toMillis(),
                                TimeUnit.MILLISECONDS);
        ByteBuf out = context.alloc().buffer(512);
        int begun = Frames.begin(out, FrontendTag.PARSE);
        Frames.writeString(out, "");
        Frames.writeString(out, question.sql());
        out.writeShort(0);
        Frames.end(out, begun);
        begun = Frames.begin(out, FrontendTag.BIND);
        Frames.writeString(out, "");
        Frames.writeString(out, "");
        out.writeShort(0);
        out.writeShort(1);
        byte[] user = question.key().user().getBytes(StandardCharsets.UTF_8);
        out.writeInt(user.length);
        out.writeBytes(user);
        out.writeShort(0);
        Frames.end(out, begun);
        begun = Frames.begin(out, FrontendTag.EXECUTE);
        Frames.writeString(out, "");
        out.writeInt(1);
        Frames.end(out, begun);
        FrontendMessages.sync(out);
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
            in.readerIndex(end);
            switch (in.getByte(at)) {
                case BackendTag.DATA_ROW -> found = row(in, at + Frames.HEADER, end);
                case BackendTag.ERROR_RESPONSE -> {
                    ErrorMessage error = ErrorMessage.read(in, at + Frames.HEADER, end);
                    fail(context, error.sqlState(), error.message());
                }
                case BackendTag.READY_FOR_QUERY -> done(context);
                default -> {}
            }
        }
    }

    private LoginRules.Found row(ByteBuf in, int from, int end) throws ProtocolViolation {
        if (end - from < 2 || in.getShort(from) < 2) {
            throw new ProtocolViolation("the query must give two columns: role and secret");
        }
        int at = from + 2;
        List<@Nullable String> values = new ArrayList<>();
        for (int column = 0; column < Math.min(3, in.getShort(from)); column++) {
            if (end - at < 4) {
                throw new ProtocolViolation("malformed row");
            }
            int length = in.getInt(at);
            at += 4;
            if (length > end - at) {
                throw new ProtocolViolation("malformed row");
            }
            values.add(length < 0 ? null : Frames.text(in, at, at + length));
            at += Math.max(0, length);
        }
        String secret = values.get(1);
        return new LoginRules.Found.Known(
                new LoginRules.Role(
                        question.key().user(),
                        secret,
                        secret == null ? null : ScramSecret.parse(secret).orElse(null)),
                values.size() < 3 ? Long.MAX_VALUE : nanos(values.get(2)));
    }

    /** Of seconds; null is for ever. */
    private static long nanos(@Nullable String seconds) throws ProtocolViolation {
        try {
            // A double beyond the range of long becomes its end.
            return seconds == null ? Long.MAX_VALUE : (long) (Double.parseDouble(seconds) * 1e9);
        } catch (NumberFormatException e) {
            throw new ProtocolViolation("the third column must be a number of seconds");
        }
    }

    private void done(ChannelHandlerContext context) {
        isDone = true;
        cancelDeadline();
        ByteBuf out = context.alloc().buffer(8);
        FrontendMessages.terminate(out);
        context.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
        answer.accept(found);
    }

    private void cancelDeadline() {
        if (deadline != null) {
            var _ = deadline.cancel(false);
        }
    }

    private void fail(ChannelHandlerContext context, String sqlState, String message) {
        if (!isDone) {
            isDone = true;
            cancelDeadline();
            var _ = context.close();
            failure.accept(sqlState, message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        fail(context, "08006", "the server closed the connection");
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable root = cause.getCause() == null ? cause : cause.getCause();
        fail(context, "XX000", String.valueOf(root.getMessage()));
    }
}
