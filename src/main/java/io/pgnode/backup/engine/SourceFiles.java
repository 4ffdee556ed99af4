package io.pgnode.backup.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Opens files of the cluster; what is read of them is counted and limited. */
final class SourceFiles {
    private final Path dataDirectory;
    private final ReadMeter meter;

    SourceFiles(Path dataDirectory, ReadMeter meter) {
        this.dataDirectory = dataDirectory;
        this.meter = meter;
    }

    Source open(String manifestName) throws IOException {
        return new Source(
                FileChannel.open(
                        DataLister.physical(dataDirectory, manifestName), StandardOpenOption.READ),
                meter);
    }

    /** An open file. */
    static final class Source extends InputStream {
        private final FileChannel channel;
        private final ReadMeter meter;

        Source(FileChannel channel, ReadMeter meter) {
            this.channel = channel;
            this.meter = meter;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] data, int offset, int length) throws IOException {
            meter.beforeRead(length);
            int count = channel.read(ByteBuffer.wrap(data, offset, length));
            meter.read(count);
            return count;
        }

        /** From the start again. */
        void rewind() throws IOException {
            channel.position(0);
        }

        /** Fills the array from the offset; fewer bytes where the file ends. */
        int reread(long offset, byte[] page) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(page);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, offset + buffer.position()) < 0) {
                    break;
                }
            }
            return buffer.position();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
