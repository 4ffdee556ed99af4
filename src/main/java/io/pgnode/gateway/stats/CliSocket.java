package io.pgnode.gateway.stats;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.pgnode.net.EventLoops;
import io.pgnode.net.Gate;
import io.pgnode.net.Sockets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * HAProxy's command socket: a line of commands separated by {@code ;}, an answer to each that ends
 * with an empty line, and then the end, unless {@code prompt} came first.
 */
public final class CliSocket implements AutoCloseable {
    /** HAProxy's buffer. */
    private static final int MAX_LINE = 16 * 1024;

    private static final int IDLE_SECONDS = 600;

    private static final int MODE = 0600;

    private final Gate gate;

    private CliSocket(Gate gate) {
        this.gate = gate;
    }

    /** Listens; only the owner of the process may connect. A socket that was left is replaced. */
    public static CliSocket open(EventLoops loops, Path path, Desk desk) throws IOException {
        RuntimeCli cli = new RuntimeCli(desk);
        Gate gate =
                new Gate(
                        loops,
                        address -> Sockets.listen(loops, address, _ -> new Conversation(cli)));
        gate.open(new DomainSocketAddress(path.toFile()), MODE);
        return new CliSocket(gate);
    }

    @Override
    public void close() {
        gate.close();
    }

    private static final class Conversation extends SimpleChannelInboundHandler<ByteBuf> {
        private final RuntimeCli cli;
        private boolean isInteractive;

        Conversation(RuntimeCli cli) {
            this.cli = cli;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            context.pipeline()
                    .addBefore(context.name(), "lines", new LineBasedFrameDecoder(MAX_LINE));
            context.pipeline()
                    .addBefore(context.name(), "idle", new IdleStateHandler(0, 0, IDLE_SECONDS));
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf line) {
            String text = line.toString(StandardCharsets.UTF_8).strip();
            StringBuilder answer = new StringBuilder();
            boolean isOver = false;
            for (String part : text.split(";", -1)) {
                String command = part.strip();
                if (command.equals("quit")) {
                    isOver = true;
                    break;
                }
                if (command.equals("prompt")) {
                    isInteractive = !isInteractive;
                    answer.append('\n');
                } else if (!command.isEmpty() || !isInteractive) {
                    answer.append(cli.run(command));
                } else {
                    answer.append('\n');
                }
            }
            if (isInteractive && !isOver) {
                answer.append("> ");
            }
            var sent = context.writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.UTF_8));
            if (isOver || !isInteractive) {
                sent.addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof IdleStateEvent) {
                context.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (cause instanceof TooLongFrameException) {
                context.writeAndFlush(
                                Unpooled.copiedBuffer(
                                        "The command is too long.\n\n", StandardCharsets.UTF_8))
                        .addListener(ChannelFutureListener.CLOSE);
            } else {
                context.close();
            }
        }
    }
}
