package io.pgnode.gateway.pooler.console;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.pgnode.wire.BackendMessages;
import io.pgnode.wire.BackendTag;
import io.pgnode.wire.CancelKey;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.Frames;
import io.pgnode.wire.FrontendTag;
import io.pgnode.wire.ProtocolViolation;
import io.pgnode.wire.SqlState;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client of the console after its login: both protocols, one command at a time. Confined to its
 * event loop.
 */
public final class ConsoleSession extends ChannelInboundHandlerAdapter {
    /** No command is longer. */
    private static final int MAX_MESSAGE = 64 * 1024;

    /** A client that keeps more statements and portals than this is not one of ours. */
    private static final int MAX_NAMES = 1000;

    private static final long LOOK_MILLIS = 20;

    private static final String INVALID_CURSOR_NAME = "34000";

    private static final Map<String, String> WELCOME =
            Map.of(
                    "server_version", CommandParser.VERSION + "/bouncer",
                    "client_encoding", "UTF8",
                    "server_encoding", "UTF8",
                    "DateStyle", "ISO",
                    "TimeZone", "GMT",
                    "standard_conforming_strings", "on",
                    "is_superuser", "on",
                    "integer_datetimes", "on");

    private final Channel channel;
    private final Console console;
    private final String user;
    private final boolean isAdmin;
    private final boolean hasLegacyColumns;
    private final String applicationName;
    private final long id;
    private final CancelKey cancelKey;
    private final Instant connected;
    private final Consumer<ConsoleSession> onGone;

    private final Map<String, Command> statements = new HashMap<>();
    private final Map<String, Portal> portals = new HashMap<>();
    private final ArrayDeque<Command> queue = new ArrayDeque<>();

    private @Nullable ByteBuf input;
    private @Nullable ByteBuf out;
    private boolean isBusy;
    private boolean isSkipping;
    private boolean isClosed;
    private Answer.@Nullable Wait waiting;
    private @Nullable Consumer<Answer> afterWait;

    /**
     * @param parameters of the startup message
     * @param id unique among all connections
     * @param onGone called once, on the loop
     */
    public ConsoleSession(
            Channel channel,
            Console console,
            Map<String, String> parameters,
            boolean isAdmin,
            long id,
            CancelKey cancelKey,
            Instant connected,
            Consumer<ConsoleSession> onGone) {
        this.channel = channel;
        this.console = console;
        this.user = parameters.getOrDefault("user", "");
        this.applicationName = parameters.getOrDefault("application_name", "");
        this.hasLegacyColumns = LegacyColumns.areWanted(parameters);
        this.isAdmin = isAdmin;
        this.id = id;
        this.cancelKey = cancelKey;
        this.connected = connected;
        this.onGone = onGone;
    }

    public Channel channel() {
        return channel;
    }

    public long id() {
        return id;
    }

    public CancelKey cancelKey() {
        return cancelKey;
    }

    /** As SHOW CLIENTS prints it. */
    public SocketView view(String address, int port, String localAddress, int localPort) {
        return new SocketView(
                true,
                user,
                PoolerAdmin.CONSOLE,
                "active",
                address,
                port,
                localAddress,
                localPort,
                connected,
                connected,
                0,
                false,
                id,
                0,
                0,
                "",
                applicationName,
                0);
    }

    /** What a client is told when its login is done. */
    public void welcome(ByteBuf to) {
        BackendMessages.authenticationOk(to);
        WELCOME.forEach((name, value) -> BackendMessages.parameterStatus(to, name, value));
        BackendMessages.backendKeyData(to, cancelKey);
        BackendMessages.readyForQuery(to, 'I');
    }

    // ---------------------------------------------------------------- messages

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        ByteBuf rest = input;
        if (rest == null) {
            input = in;
        } else {
            input = rest.writeBytes(in);
            in.release();
        }
        work();
    }

    private void work() {
        try {
            ByteBuf in = input;
            while (in != null && !isBusy && !isClosed && message(in)) {
                in = input;
            }
        } catch (ProtocolViolation e) {
            end(ErrorMessage.fatal(SqlState.PROTOCOL_VIOLATION, e.getMessage()));
        }
        compact();
        flush();
    }

    private void compact() {
        ByteBuf in = input;
        if (in == null) {
            return;
        }
        if (!in.isReadable()) {
            input = null;
            in.release();
        } else if (isBusy && in.readableBytes() > MAX_MESSAGE) {
            channel.config().setAutoRead(false);
        } else {
            input = channel.alloc().buffer(in.readableBytes() * 2).writeBytes(in);
            in.release();
        }
    }

    private void flush() {
        ByteBuf ready = out;
        if (ready != null) {
            out = null;
            var _ = channel.writeAndFlush(ready);
        }
    }

    private ByteBuf out() {
        ByteBuf buffer = out;
        if (buffer == null) {
            buffer = channel.alloc().buffer(1024);
            out = buffer;
        }
        return buffer;
    }

    /** False when no whole message is there. */
    private boolean message(ByteBuf in) throws ProtocolViolation {
        if (in.readableBytes() < Frames.HEADER) {
            return false;
        }
        int at = in.readerIndex();
        byte tag = in.getByte(at);
        long size = Frames.size(in, at, MAX_MESSAGE);
        if (in.readableBytes() < size) {
            return false;
        }
        int from = at + Frames.HEADER;
        int end = at + (int) size;
        in.readerIndex(end);
        if (isSkipping && tag != FrontendTag.SYNC && tag != FrontendTag.TERMINATE) {
            return true;
        }
        switch (tag) {
            case FrontendTag.QUERY -> query(Frames.text(in, from, endOf(in, from, end)));
            case FrontendTag.PARSE -> parse(in, from, end);
            case FrontendTag.BIND -> bind(in, from, end);
            case FrontendTag.DESCRIBE -> describe(in, from, end);
            case FrontendTag.EXECUTE -> execute(in, from, end);
            case FrontendTag.CLOSE -> close(in, from, end);
            case FrontendTag.FLUSH -> {}
            case FrontendTag.SYNC -> {
                isSkipping = false;
                portals.clear();
                BackendMessages.readyForQuery(out(), 'I');
            }
            case FrontendTag.TERMINATE -> {
                isClosed = true;
                var _ = channel.close();
            }
            default -> throw new ProtocolViolation("unknown message type");
        }
        return true;
    }

    private static int endOf(ByteBuf in, int from, int end) throws ProtocolViolation {
        return Frames.endOfString(in, from, end);
    }

    // ---------------------------------------------------------------- simple protocol

    private void query(String sql) {
        try {
            queue.addAll(CommandParser.parse(sql));
        } catch (CommandParser.Rejected e) {
            e.error().writeTo(out());
        }
        nextOfQuery();
    }

    private void nextOfQuery() {
        Command command = queue.poll();
        if (command == null) {
            BackendMessages.readyForQuery(out(), 'I');
            return;
        }
        run(command, this::answerQuery);
    }

    private void answerQuery(Answer answer) {
        if (answer instanceof Answer.Rows rows) {
            Table table = hasLegacyColumns ? LegacyColumns.added(rows.table()) : rows.table();
            BackendMessages.rowDescription(out(), table.columns());
            for (List<@Nullable String> row : table.rows()) {
                BackendMessages.dataRow(out(), row);
            }
            BackendMessages.commandComplete(out(), rows.tag());
        } else if (!answerOther(answer)) {
            queue.clear();
        }
        nextOfQuery();
    }

    /** False for errors. */
    private boolean answerOther(Answer answer) {
        return switch (answer) {
            case Answer.Done done -> {
                done.notices().forEach(notice -> notice.writeTo(out()));
                BackendMessages.commandComplete(out(), done.tag());
                yield true;
            }
            case Answer.Nothing _ -> {
                BackendMessages.bare(out(), BackendTag.EMPTY_QUERY_RESPONSE);
                yield true;
            }
            case Answer.Failed failed -> {
                failed.error().writeTo(out());
                yield false;
            }
            case Answer.Rows _, Answer.Later _, Answer.Wait _ ->
                    throw new IllegalStateException("not an answer that ends: " + answer);
        };
    }

    // ---------------------------------------------------------------- running

    /** Answers at once, or later; meanwhile nothing more is read from the client. */
    private void run(Command command, Consumer<Answer> then) {
        Answer answer;
        try {
            answer = console.run(command, isAdmin);
        } catch (RuntimeException e) {
            answer = failed(e);
        }
        settle(answer, then);
    }

    private static Answer failed(Throwable e) {
        return new Answer.Failed(
                ErrorMessage.error(SqlState.INTERNAL_ERROR, "console failed: " + e));
    }

    private void settle(Answer answer, Consumer<Answer> then) {
        switch (answer) {
            case Answer.Rows _, Answer.Done _, Answer.Nothing _, Answer.Failed _ ->
                    then.accept(answer);
            case Answer.Later later -> {
                isBusy = true;
                var _ =
                        later.answer()
                                .whenComplete(
                                        (result, error) ->
                                                channel.eventLoop()
                                                        .execute(
                                                                () ->
                                                                        goOn(
                                                                                result == null
                                                                                        ? failed(
                                                                                                error)
                                                                                        : result,
                                                                                then)));
            }
            case Answer.Wait wait -> {
                waiting = wait;
                afterWait = then;
                isBusy = true;
                look();
            }
        }
    }

    private void goOn(Answer answer, Consumer<Answer> then) {
        if (isClosed) {
            return;
        }
        isBusy = false;
        channel.config().setAutoRead(true);
        settle(answer, then);
        work();
    }

    private void look() {
        Answer.Wait wait = waiting;
        Consumer<Answer> then = afterWait;
        if (wait == null || then == null || isClosed) {
            return;
        }
        if (wait.isUndone().getAsBoolean()) {
            waiting = null;
            Answer answer = undone("the pause was undone by another command");
            channel.eventLoop().execute(() -> goOn(answer, then));
        } else if (wait.isDone().getAsBoolean()) {
            waiting = null;
            channel.eventLoop().execute(() -> goOn(wait.then(), then));
        } else {
            var _ = channel.eventLoop().schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private static Answer undone(String why) {
        return new Answer.Failed(ErrorMessage.error(SqlState.QUERY_CANCELED, why));
    }

    /** A cancel request came for us. Thread-safe. */
    public void cancel() {
        channel.eventLoop()
                .execute(
                        () -> {
                            Answer.Wait wait = waiting;
                            Consumer<Answer> then = afterWait;
                            if (wait != null && then != null && !isClosed) {
                                waiting = null;
                                wait.undo().run();
                                goOn(undone("canceling statement due to user request"), then);
                            }
                        });
    }

    // ---------------------------------------------------------------- extended protocol

    private void fail(String sqlState, String message) {
        ErrorMessage.error(sqlState, message).writeTo(out());
        isSkipping = true;
    }

    private void parse(ByteBuf in, int from, int end) throws ProtocolViolation {
        int nameEnd = endOf(in, from, end);
        int sqlEnd = endOf(in, nameEnd + 1, end);
        String name = Frames.text(in, from, nameEnd);
        try {
            List<Command> commands = CommandParser.parse(Frames.text(in, nameEnd + 1, sqlEnd));
            if (commands.size() > 1) {
                fail(
                        SqlState.SYNTAX_ERROR,
                        "cannot insert multiple commands into a prepared statement");
            } else if (!name.isEmpty() && statements.containsKey(name)) {
                fail(
                        SqlState.DUPLICATE_PREPARED_STATEMENT,
                        "prepared statement \"" + name + "\" already exists");
            } else if (statements.size() >= MAX_NAMES) {
                fail(SqlState.OUT_OF_MEMORY, "too many prepared statements");
            } else {
                statements.put(name, commands.getFirst());
                BackendMessages.bare(out(), BackendTag.PARSE_COMPLETE);
            }
        } catch (CommandParser.Rejected e) {
            e.error().writeTo(out());
            isSkipping = true;
        }
    }

    private @Nullable Command statement(String name) {
        Command command = statements.get(name);
        if (command == null) {
            fail(
                    SqlState.INVALID_STATEMENT_NAME,
                    "prepared statement \"" + name + "\" does not exist");
        }
        return command;
    }

    private @Nullable Portal portal(String name) {
        Portal portal = portals.get(name);
        if (portal == null) {
            fail(INVALID_CURSOR_NAME, "portal \"" + name + "\" does not exist");
        }
        return portal;
    }

    private void bind(ByteBuf in, int from, int end) throws ProtocolViolation {
        int portalEnd = endOf(in, from, end);
        int nameEnd = endOf(in, portalEnd + 1, end);
        Command command = statement(Frames.text(in, portalEnd + 1, nameEnd));
        if (command == null) {
            return;
        }
        int at = nameEnd + 1;
        int formats = count(in, at, end);
        at += 2 + 2 * formats;
        if (count(in, at, end) != 0) {
            fail(SqlState.FEATURE_NOT_SUPPORTED, "console commands have no parameters");
            return;
        }
        at += 2;
        int results = count(in, at, end);
        if (at + 2 + 2 * results > end) {
            throw new ProtocolViolation("malformed Bind");
        }
        List<Boolean> isBinary = new ArrayList<>();
        for (int i = 0; i < results; i++) {
            isBinary.add(in.getShort(at + 2 + 2 * i) == 1);
        }
        if (portals.size() >= MAX_NAMES) {
            fail(SqlState.OUT_OF_MEMORY, "too many portals");
            return;
        }
        portals.put(Frames.text(in, from, portalEnd), new Portal(command, isBinary));
        BackendMessages.bare(out(), BackendTag.BIND_COMPLETE);
    }

    private static int count(ByteBuf in, int at, int end) throws ProtocolViolation {
        if (at + 2 > end || in.getShort(at) < 0) {
            throw new ProtocolViolation("malformed Bind");
        }
        return in.getShort(at);
    }

    private void describe(ByteBuf in, int from, int end) throws ProtocolViolation {
        byte kind = in.getByte(from);
        String name = Frames.text(in, from + 1, endOf(in, from + 1, end));
        if (kind == 'S') {
            Command command = statement(name);
            if (command != null) {
                int begun = Frames.begin(out(), BackendTag.PARAMETER_DESCRIPTION);
                out().writeShort(0);
                Frames.end(out(), begun);
                new Portal(command, List.of()).describe(out());
            }
        } else {
            Portal portal = portal(name);
            if (portal != null) {
                portal.describe(out());
            }
        }
    }

    private void execute(ByteBuf in, int from, int end) throws ProtocolViolation {
        int nameEnd = endOf(in, from, end);
        if (nameEnd + 5 > end) {
            throw new ProtocolViolation("malformed Execute");
        }
        int max = in.getInt(nameEnd + 1);
        Portal portal = portal(Frames.text(in, from, nameEnd));
        if (portal == null) {
            return;
        }
        if (portal.isBegun()) {
            portal.fetch(out(), max);
            return;
        }
        run(
                portal.command(),
                answer -> {
                    if (answer instanceof Answer.Rows rows) {
                        portal.begin(rows);
                        portal.fetch(out(), max);
                    } else if (!answerOther(answer)) {
                        isSkipping = true;
                    }
                });
    }

    private void close(ByteBuf in, int from, int end) throws ProtocolViolation {
        byte kind = in.getByte(from);
        String name = Frames.text(in, from + 1, endOf(in, from + 1, end));
        if (kind == 'S') {
            statements.remove(name);
        } else {
            portals.remove(name);
        }
        BackendMessages.bare(out(), BackendTag.CLOSE_COMPLETE);
    }

    // ---------------------------------------------------------------- the end

    private void end(ErrorMessage error) {
        isClosed = true;
        error.writeTo(out());
        ByteBuf last = out();
        out = null;
        channel.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
    }

    /** Ends the session. Thread-safe. */
    public void drop(ErrorMessage error) {
        channel.eventLoop()
                .execute(
                        () -> {
                            if (!isClosed) {
                                end(error);
                            }
                        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        isClosed = true;
        Answer.Wait wait = waiting;
        if (wait != null) {
            waiting = null;
            wait.undo().run();
        }
        release(input);
        release(out);
        input = null;
        out = null;
        onGone.accept(this);
    }

    private static void release(@Nullable ByteBuf buffer) {
        if (buffer != null) {
            buffer.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        var _ = channel.close();
    }
}
