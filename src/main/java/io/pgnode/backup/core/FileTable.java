package io.pgnode.backup.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The files of a manifest in columns: a hundred thousand take 16 MB. Rows are found by name through
 * a hash table of row numbers. Removed rows stay as holes until {@link #sorted}.
 */
final class FileTable {
    private static final int NO_ROW = -1;
    private static final byte CHECKED = 1;
    private static final byte WRONG_PAGES = 2;

    private int rows;
    private int removed;
    private ByteBuilder names = new ByteBuilder(1 << 12);
    private int[] nameStart = new int[0];
    private int[] nameLength = new int[0];
    private long[] size = new long[0];
    private long[] originalSize = new long[0];
    private long[] timestamp = new long[0];
    private long[] repoSize = new long[0];
    private final ChecksumColumn checksum = new ChecksumColumn();
    private final ChecksumColumn repoChecksum = new ChecksumColumn();
    private int[] bundleId = new int[0];
    private long[] bundleOffset = new long[0];
    private int[] reference = new int[0];
    private int[] blockSize = new int[0];
    private byte[] blockChecksumSize = new byte[0];
    private long[] blockMapSize = new long[0];
    private byte[] pages = new byte[0];
    private int[] owner = new int[0];

    private final Pool<@Nullable BackupLabel> references = new Pool<>();
    private final Pool<Owner> owners = new Pool<>();
    private final Map<Integer, List<PageCheck.Pages>> wrongPages = new HashMap<>();
    private int[] slots = new int[0];

    /** Who a file is of. */
    record Owner(@Nullable String user, @Nullable String group, int mode) {
        private static final String INHERITED = "\0inherited";
        private static final int INHERITED_MODE = -1;

        /** Whose values come later: a manifest has its defaults behind what they are for. */
        static final Owner DEFAULTS = new Owner(INHERITED, INHERITED, INHERITED_MODE);

        /** With the defaults in place of what comes later. */
        Owner resolved(Owner defaults) {
            return new Owner(
                    INHERITED.equals(user) ? defaults.user : user,
                    INHERITED.equals(group) ? defaults.group : group,
                    mode == INHERITED_MODE ? defaults.mode : mode);
        }
    }

    /** Values that many rows share. */
    private static final class Pool<T extends @Nullable Object> {
        private final List<T> values = new ArrayList<>();
        private final Map<T, Integer> numbers = new HashMap<>();

        int number(T value) {
            Integer known = numbers.get(value);
            if (known != null) {
                return known;
            }
            values.add(value);
            numbers.put(value, values.size() - 1);
            return values.size() - 1;
        }

        void replaceAll(UnaryOperator<T> change) {
            values.replaceAll(change);
            numbers.clear();
        }

        T value(int number) {
            return values.get(number);
        }
    }

    /** SHA-1 digests that may be absent. */
    private static final class ChecksumColumn {
        private long[] high = new long[0];
        private long[] middle = new long[0];
        private int[] low = new int[0];
        private boolean[] there = new boolean[0];

        void grow(int capacity) {
            high = Arrays.copyOf(high, capacity);
            middle = Arrays.copyOf(middle, capacity);
            low = Arrays.copyOf(low, capacity);
            there = Arrays.copyOf(there, capacity);
        }

        @Nullable Checksum get(int row) {
            return there[row] ? new Checksum(high[row], middle[row], low[row]) : null;
        }

        void set(int row, @Nullable Checksum checksum) {
            there[row] = checksum != null;
            high[row] = checksum == null ? 0 : checksum.high();
            middle[row] = checksum == null ? 0 : checksum.middle();
            low[row] = checksum == null ? 0 : checksum.low();
        }
    }

    /** Puts the defaults where files have {@link Owner#DEFAULTS}. */
    void resolveOwners(Owner defaults) {
        owners.replaceAll(owner -> owner.resolved(defaults));
    }

    int count() {
        return rows - removed;
    }

    /** Adds a file, or replaces the one of that name. */
    void put(ManifestFile file) {
        byte[] name = RawText.encode(file.name());
        int row = find(name);
        if (row == NO_ROW) {
            row = append(name);
        }
        set(row, file);
    }

    void remove(String name) {
        int row = find(RawText.encode(name));
        if (row != NO_ROW) {
            nameLength[row] = 0;
            removed++;
            // Chains of the hash table stay whole: the hole is skipped when it is looked at.
        }
    }

    @Nullable ManifestFile find(String name) {
        int row = find(RawText.encode(name));
        return row == NO_ROW ? null : get(row);
    }

    private int append(byte[] name) {
        if (name.length == 0) {
            throw new IllegalArgumentException("file of a manifest must have a name");
        }
        if (rows == size.length) {
            grow(Math.max(64, rows + (rows >> 1)));
        }
        int row = rows++;
        nameStart[row] = names.length();
        nameLength[row] = name.length;
        names.add(name);
        insert(row);
        return row;
    }

    private void grow(int capacity) {
        nameStart = Arrays.copyOf(nameStart, capacity);
        nameLength = Arrays.copyOf(nameLength, capacity);
        size = Arrays.copyOf(size, capacity);
        originalSize = Arrays.copyOf(originalSize, capacity);
        timestamp = Arrays.copyOf(timestamp, capacity);
        repoSize = Arrays.copyOf(repoSize, capacity);
        checksum.grow(capacity);
        repoChecksum.grow(capacity);
        bundleId = Arrays.copyOf(bundleId, capacity);
        bundleOffset = Arrays.copyOf(bundleOffset, capacity);
        reference = Arrays.copyOf(reference, capacity);
        blockSize = Arrays.copyOf(blockSize, capacity);
        blockChecksumSize = Arrays.copyOf(blockChecksumSize, capacity);
        blockMapSize = Arrays.copyOf(blockMapSize, capacity);
        pages = Arrays.copyOf(pages, capacity);
        owner = Arrays.copyOf(owner, capacity);
        rehash(capacity);
    }

    private void rehash(int capacity) {
        slots = new int[Integer.highestOneBit(Math.max(8, capacity)) << 2];
        Arrays.fill(slots, NO_ROW);
        for (int row = 0; row < rows; row++) {
            if (nameLength[row] > 0) {
                insert(row);
            }
        }
    }

    private void insert(int row) {
        int slot = hash(names.array(), nameStart[row], nameLength[row]) & slots.length - 1;
        while (slots[slot] != NO_ROW) {
            slot = slot + 1 & slots.length - 1;
        }
        slots[slot] = row;
    }

    private int find(byte[] name) {
        if (slots.length == 0) {
            return NO_ROW;
        }
        int slot = hash(name, 0, name.length) & slots.length - 1;
        for (; slots[slot] != NO_ROW; slot = slot + 1 & slots.length - 1) {
            int row = slots[slot];
            if (isNamed(row, name)) {
                return row;
            }
        }
        return NO_ROW;
    }

    private boolean isNamed(int row, byte[] name) {
        int from = nameStart[row];
        return nameLength[row] == name.length
                && Arrays.equals(names.array(), from, from + name.length, name, 0, name.length);
    }

    private static int hash(byte[] bytes, int offset, int length) {
        int hash = 1;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + bytes[i];
        }
        return hash ^ hash >>> 15;
    }

    private void set(int row, ManifestFile file) {
        size[row] = file.size();
        originalSize[row] = file.originalSize();
        timestamp[row] = file.timestamp().getEpochSecond();
        repoSize[row] = file.repoSize();
        checksum.set(row, file.checksum());
        repoChecksum.set(row, file.repoChecksum());
        bundleId[row] = Math.toIntExact(file.bundleId());
        bundleOffset[row] = file.bundleOffset();
        reference[row] = references.number(file.reference());
        owner[row] = owners.number(new Owner(file.user(), file.group(), file.mode()));
        setBlock(row, file.block());
        setPages(row, file.pageCheck());
    }

    private void setBlock(int row, @Nullable BlockIncremental block) {
        blockSize[row] = block == null ? 0 : block.blockSize();
        blockChecksumSize[row] = block == null ? 0 : (byte) block.checksumSize();
        blockMapSize[row] = block == null ? 0 : block.mapSize();
    }

    private void setPages(int row, @Nullable PageCheck check) {
        wrongPages.remove(row);
        if (check == null) {
            pages[row] = 0;
            return;
        }
        pages[row] = check.valid() ? CHECKED : WRONG_PAGES;
        if (!check.errors().isEmpty()) {
            wrongPages.put(row, check.errors());
        }
    }

    /** The file of a row that is not removed. */
    ManifestFile get(int row) {
        Owner of = owners.value(owner[row]);
        return new ManifestFile(
                RawText.decode(names.array(), nameStart[row], nameLength[row]),
                size[row],
                originalSize[row],
                Instant.ofEpochSecond(timestamp[row]),
                checksum.get(row),
                repoChecksum.get(row),
                repoSize[row],
                bundleId[row],
                bundleOffset[row],
                references.value(reference[row]),
                blockSize[row] == 0
                        ? null
                        : new BlockIncremental(
                                blockSize[row], blockChecksumSize[row], blockMapSize[row]),
                pageCheck(row),
                of.user,
                of.group,
                of.mode);
    }

    private @Nullable PageCheck pageCheck(int row) {
        return switch (pages[row]) {
            case 0 -> null;
            case CHECKED -> PageCheck.VALID;
            default -> PageCheck.invalid(wrongPages.getOrDefault(row, List.of()));
        };
    }

    /** Another table of the same files by name, without holes. */
    FileTable sorted() {
        byte[] all = names.array();
        int[] order =
                IntStream.range(0, rows)
                        .filter(row -> nameLength[row] > 0)
                        .boxed()
                        .sorted(
                                (a, b) ->
                                        Arrays.compareUnsigned(
                                                all,
                                                nameStart[a],
                                                nameStart[a] + nameLength[a],
                                                all,
                                                nameStart[b],
                                                nameStart[b] + nameLength[b]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        FileTable sorted = new FileTable();
        sorted.names = new ByteBuilder(names.length());
        if (order.length > 0) {
            sorted.grow(order.length);
        }
        for (int row : order) {
            sorted.put(get(row));
        }
        return sorted;
    }
}
