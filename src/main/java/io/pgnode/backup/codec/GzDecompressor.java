package io.pgnode.backup.codec;

import java.io.IOException;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Reads one gzip member, or when raw, a zlib stream; checks its trailer. */
final class GzDecompressor extends Decompressor {
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int FIXED_HEADER = 10;

    private enum Part {
        HEADER,
        EXTRA_LENGTH,
        EXTRA,
        NAME,
        COMMENT,
        HEADER_CRC,
        BODY,
        TRAILER
    }

    private final boolean raw;
    private final Inflater inflater;
    private final CRC32 crc = new CRC32();
    private Part part = Part.HEADER;
    private int flags;

    /** Bytes seen of this part, and their value where it matters, little-endian. */
    private int seen;

    private long value;
    private int extra;

    GzDecompressor(boolean raw) {
        super("gz");
        this.raw = raw;
        this.inflater = new Inflater(!raw);
        restart();
    }

    @Override
    void restart() {
        inflater.reset();
        crc.reset();
        enter(raw ? Part.BODY : Part.HEADER);
        flags = 0;
    }

    @Override
    boolean step(byte[] out, byte[] in, int from, int to) throws IOException {
        int position = from;
        while (position < to && part != Part.BODY && part != Part.TRAILER) {
            header(in[position++] & 0xff);
        }
        int produced = 0;
        if (part == Part.BODY) {
            produced = inflate(out, in, position, to);
            position = to - inflater.getRemaining();
            if (inflater.finished()) {
                enter(Part.TRAILER);
            }
        }
        progress[0] = produced;
        progress[1] = position;
        if (part != Part.TRAILER || raw) {
            return part == Part.TRAILER;
        }
        while (position < to && seen < Long.BYTES) {
            value |= (in[position++] & 0xffL) << (8 * seen++);
        }
        progress[1] = position;
        if (seen < Long.BYTES) {
            return false;
        }
        if ((int) value != (int) crc.getValue()
                || (int) (value >>> Integer.SIZE) != (int) inflater.getBytesWritten()) {
            throw damaged("its checksum or length is wrong");
        }
        return true;
    }

    private int inflate(byte[] out, byte[] in, int from, int to) throws IOException {
        inflater.setInput(in, from, to - from);
        try {
            int produced = inflater.inflate(out);
            if (inflater.needsDictionary()) {
                throw damaged("it needs a dictionary");
            }
            if (!raw) {
                crc.update(out, 0, produced);
            }
            return produced;
        } catch (DataFormatException e) {
            throw damaged(e.getMessage() == null ? "invalid data" : e.getMessage());
        }
    }

    private void header(int next) throws IOException {
        seen++;
        switch (part) {
            case HEADER -> {
                if (seen == 1 && next != 0x1f
                        || seen == 2 && next != 0x8b
                        || seen == 3 && next != 8) {
                    throw damaged("it does not start as gzip does");
                }
                if (seen == 4) {
                    flags = next;
                }
                if (seen == FIXED_HEADER) {
                    enter(Part.EXTRA_LENGTH);
                }
            }
            case EXTRA_LENGTH -> {
                extra |= next << (8 * (seen - 1));
                if (seen == 2) {
                    enter(Part.EXTRA);
                }
            }
            case EXTRA -> {
                if (seen == extra) {
                    enter(Part.NAME);
                }
            }
            case NAME -> {
                if (next == 0) {
                    enter(Part.COMMENT);
                }
            }
            case COMMENT -> {
                if (next == 0) {
                    enter(Part.HEADER_CRC);
                }
            }
            case HEADER_CRC -> {
                if (seen == 2) {
                    enter(Part.BODY);
                }
            }
            case BODY, TRAILER -> throw new IllegalStateException(part.name());
        }
    }

    /** Goes to that part, or past it when the header does not have it. */
    private void enter(Part next) {
        seen = 0;
        value = 0;
        Part entered = next;
        if (entered == Part.EXTRA_LENGTH) {
            extra = 0;
            entered = (flags & EXTRA) == 0 ? Part.NAME : entered;
        }
        if (entered == Part.EXTRA && extra == 0) {
            entered = Part.NAME;
        }
        if (entered == Part.NAME && (flags & NAME) == 0) {
            entered = Part.COMMENT;
        }
        if (entered == Part.COMMENT && (flags & COMMENT) == 0) {
            entered = Part.HEADER_CRC;
        }
        if (entered == Part.HEADER_CRC && (flags & HEADER_CRC) == 0) {
            entered = Part.BODY;
        }
        part = entered;
    }

    @Override
    public void close() {
        inflater.end();
    }
}
