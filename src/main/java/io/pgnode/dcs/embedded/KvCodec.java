package io.pgnode.dcs.embedded;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Records as bytes. Big-endian; a list is its length and its elements. */
final class KvCodec {
    private static final int IMAGE = 1;
    private static final int BATCH = 2;
    private static final int GRANT = 3;
    private static final int END = 4;
    private static final int COMPACT = 5;

    private KvCodec() {}

    static byte[] encode(List<KvRecord> records) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            for (KvRecord record : records) {
                write(out, record);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not in memory
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, KvRecord record) throws IOException {
        switch (record) {
            case KvRecord.Image(KvState.Image image) -> {
                out.writeByte(IMAGE);
                write(out, image);
            }
            case KvRecord.Batch(KvBatch batch) -> {
                out.writeByte(BATCH);
                write(out, batch, false);
            }
            case KvRecord.Grant(long leaseId, long ttlNanos, long nextLeaseId) -> {
                out.writeByte(GRANT);
                out.writeLong(leaseId);
                out.writeLong(ttlNanos);
                out.writeLong(nextLeaseId);
            }
            case KvRecord.End(long leaseId) -> {
                out.writeByte(END);
                out.writeLong(leaseId);
            }
            case KvRecord.Compact(long revision) -> {
                out.writeByte(COMPACT);
                out.writeLong(revision);
            }
        }
    }

    private static void write(DataOutputStream out, KvState.Image image) throws IOException {
        out.writeLong(image.revision());
        out.writeLong(image.forgottenRevision());
        out.writeLong(image.nextLeaseId());
        out.writeInt(image.leases().size());
        for (KvLeases.Lease lease : image.leases()) {
            out.writeLong(lease.id());
            out.writeLong(lease.ttlNanos());
        }
        out.writeInt(image.entries().size());
        for (KvEntry entry : image.entries()) {
            write(out, entry);
        }
        out.writeInt(image.history().size());
        for (KvBatch batch : image.history()) {
            write(out, batch, true);
        }
    }

    /**
     * @param withPrevious replay finds the previous entries by itself, an image does not
     */
    private static void write(DataOutputStream out, KvBatch batch, boolean withPrevious)
            throws IOException {
        out.writeLong(batch.revision());
        out.writeInt(batch.changes().size());
        for (KvChange change : batch.changes()) {
            write(out, change.entry());
            KvEntry previous = withPrevious ? change.previous() : null;
            out.writeBoolean(previous != null);
            if (previous != null) {
                write(out, previous);
            }
        }
    }

    private static void write(DataOutputStream out, KvEntry entry) throws IOException {
        write(out, entry.key());
        write(out, entry.value());
        out.writeLong(entry.createRevision());
        out.writeLong(entry.modRevision());
        out.writeLong(entry.version());
        out.writeLong(entry.leaseId());
    }

    private static void write(DataOutputStream out, Bytes bytes) throws IOException {
        out.writeInt(bytes.length());
        out.write(bytes.array());
    }

    /** Throws when the bytes are not records. */
    static List<KvRecord> decode(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        List<KvRecord> records = new ArrayList<>();
        while (in.available() > 0) {
            records.add(read(in));
        }
        return records;
    }

    private static KvRecord read(DataInputStream in) throws IOException {
        int type = in.readUnsignedByte();
        return switch (type) {
            case IMAGE -> new KvRecord.Image(readImage(in));
            case BATCH -> new KvRecord.Batch(readBatch(in));
            case GRANT -> new KvRecord.Grant(in.readLong(), in.readLong(), in.readLong());
            case END -> new KvRecord.End(in.readLong());
            case COMPACT -> new KvRecord.Compact(in.readLong());
            default -> throw new IOException("unknown record type " + type);
        };
    }

    private static KvState.Image readImage(DataInputStream in) throws IOException {
        long revision = in.readLong();
        long forgotten = in.readLong();
        long nextLeaseId = in.readLong();
        List<KvLeases.Lease> leases = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            leases.add(new KvLeases.Lease(in.readLong(), in.readLong(), 0, new TreeSet<>()));
        }
        List<KvEntry> entries = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            entries.add(readEntry(in));
        }
        List<KvBatch> history = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            history.add(readBatch(in));
        }
        return new KvState.Image(revision, forgotten, nextLeaseId, leases, entries, history);
    }

    private static KvBatch readBatch(DataInputStream in) throws IOException {
        long revision = in.readLong();
        List<KvChange> changes = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            KvEntry entry = readEntry(in);
            @Nullable KvEntry previous = in.readBoolean() ? readEntry(in) : null;
            changes.add(new KvChange(entry, previous));
        }
        return new KvBatch(revision, changes);
    }

    private static KvEntry readEntry(DataInputStream in) throws IOException {
        return new KvEntry(
                readBytes(in),
                readBytes(in),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong());
    }

    private static Bytes readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("a value of " + length + " bytes does not fit");
        }
        return Bytes.wrap(in.readNBytes(length));
    }
}
