package io.pgnode.net;

import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Moves bytes from one socket to another inside the kernel, by way of a pipe that is empty between
 * two calls. Belongs to one event loop.
 */
final class Splicer implements AutoCloseable {
    /** What a pipe holds as the kernel makes it. */
    private static final int PIPE = 64 * 1024;

    private static final long NO_OFFSET = -1;

    private FileDescriptor @Nullable [] pipe;

    /** Where moving went wrong. */
    static final class TargetBroken extends IOException {
        TargetBroken(IOException cause) {
            super(cause);
        }
    }

    /**
     * Moves what there is, as far as it goes at once.
     *
     * @param rest takes what the target had no room for, at most what a pipe holds
     * @return bytes moved, those of the rest not counted; zero also at the end of what there is
     * @throws TargetBroken the target is; what was on its way is lost
     * @throws IOException the source is
     */
    int move(FileDescriptor from, FileDescriptor to, Chunk rest) throws IOException {
        FileDescriptor[] between = pipe;
        if (between == null) {
            between = FileDescriptor.pipe();
            pipe = between;
        }
        FileDescriptor out = between[0];
        int length =
                Native.splice(from.intValue(), NO_OFFSET, between[1].intValue(), NO_OFFSET, PIPE);
        int left = length;
        try {
            while (left > 0) {
                int moved =
                        Native.splice(out.intValue(), NO_OFFSET, to.intValue(), NO_OFFSET, left);
                if (moved <= 0) {
                    break;
                }
                left -= moved;
            }
        } catch (IOException e) {
            close();
            throw new TargetBroken(e);
        }
        int moved = length - left;
        while (left > 0) {
            int read = out.readAddress(rest.address(), rest.to(), rest.to() + left);
            if (read <= 0) {
                close();
                throw new IOException("a pipe lost " + left + " bytes");
            }
            rest.filled(read);
            left -= read;
        }
        return moved;
    }

    /** What is in the pipe is lost. */
    @Override
    public void close() {
        FileDescriptor[] old = pipe;
        pipe = null;
        if (old != null) {
            for (FileDescriptor end : old) {
                try {
                    end.close();
                } catch (IOException e) {
                    // It is gone then, which is all that is wanted.
                }
            }
        }
    }
}
