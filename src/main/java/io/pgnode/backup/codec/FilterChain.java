package io.pgnode.backup.codec;

import java.io.IOException;

/** Two filters, one after the other. */
final class FilterChain implements Filter {
    private final Filter first;
    private final Filter second;

    FilterChain(Filter first, Filter second) {
        this.first = first;
        this.second = second;
    }

    Filter first() {
        return first;
    }

    Filter second() {
        return second;
    }

    @Override
    public void update(byte[] data, int offset, int length, Sink out) throws IOException {
        first.update(
                data,
                offset,
                length,
                (bytes, from, count) -> second.update(bytes, from, count, out));
    }

    @Override
    public void finish(Sink out) throws IOException {
        first.finish((bytes, from, count) -> second.update(bytes, from, count, out));
        second.finish(out);
    }

    @Override
    public void close() {
        try {
            first.close();
        } finally {
            second.close();
        }
    }
}
