package io.pgnode.backup.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The object that is a file's line in {@code backup.manifest}. */
final class FileFields {
    private static final int MAX_BLOCK_UNITS = Integer.MAX_VALUE / BlockIncremental.UNIT;

    private FileFields() {}

    /**
     * @param defaults what the line does not say
     */
    static ManifestFile read(String name, InfoFields line, FileTable.Owner defaults)
            throws FormatException {
        long size = line.size("size");
        return new ManifestFile(
                name,
                size,
                line.has("szo") ? line.size("szo") : size,
                line.time("timestamp"),
                line.optionalParsed("checksum", Checksum::parse),
                line.optionalParsed("rck", Checksum::parse),
                line.has("repo-size") ? line.size("repo-size") : size,
                line.has("bni") ? line.integer("bni") : 0,
                line.has("bno") ? line.size("bno") : 0,
                line.optionalParsed("reference", BackupLabel::new),
                block(line),
                pages(line),
                Owners.name(line, "user", defaults.user()),
                Owners.name(line, "group", defaults.group()),
                Owners.mode(line, defaults.mode()));
    }

    private static @Nullable BlockIncremental block(InfoFields line) throws FormatException {
        if (!line.has("bi")) {
            return null;
        }
        int units = line.integer("bi");
        int checksumSize =
                line.has("bic") ? line.integer("bic") : BlockIncremental.DEFAULT_CHECKSUM_SIZE;
        if (units == 0 || units > MAX_BLOCK_UNITS || checksumSize < 1 || checksumSize > 16) {
            throw new FormatException(
                    line.kind(), line.place(), "has a block size or checksum size out of range");
        }
        return new BlockIncremental(
                units * BlockIncremental.UNIT,
                checksumSize,
                line.has("bim") ? line.size("bim") : 0);
    }

    private static @Nullable PageCheck pages(InfoFields line) throws FormatException {
        if (!line.has("checksum-page")) {
            return null;
        }
        if (line.flag("checksum-page")) {
            return PageCheck.VALID;
        }
        List<PageCheck.Pages> errors = new ArrayList<>();
        if (line.has("checksum-page-error")) {
            for (Object entry : line.list("checksum-page-error")) {
                errors.add(wrongPages(entry, line));
            }
        }
        return PageCheck.invalid(errors);
    }

    private static PageCheck.Pages wrongPages(@Nullable Object entry, InfoFields line)
            throws FormatException {
        if (entry instanceof Long page) {
            return new PageCheck.Pages(page, page);
        }
        if (entry instanceof List<?> range
                && range.size() == 2
                && range.get(0) instanceof Long first
                && range.get(1) instanceof Long last) {
            return new PageCheck.Pages(first, last);
        }
        throw new FormatException(
                line.kind(),
                line.place() + " checksum-page-error",
                "must be a list of pages and ranges of pages");
    }

    static void write(ManifestFile file, FileTable.Owner defaults, ByteBuilder out) {
        Members members = new Members(out);
        BlockIncremental block = file.block();
        if (block != null) {
            members.key("bi").number(block.blockSize() / BlockIncremental.UNIT);
            if (block.checksumSize() != BlockIncremental.DEFAULT_CHECKSUM_SIZE) {
                members.key("bic").number(block.checksumSize());
            }
            if (block.mapSize() != 0) {
                members.key("bim").number(block.mapSize());
            }
        }
        if (file.isBundled()) {
            members.key("bni").number(file.bundleId());
            if (file.bundleOffset() != 0) {
                members.key("bno").number(file.bundleOffset());
            }
        }
        if (file.checksum() != null) {
            members.text("checksum", file.checksum().toString());
        }
        if (file.pageCheck() != null) {
            write(file.pageCheck(), members);
        }
        Owners.writeName("group", file.group(), defaults.group(), members);
        Owners.writeMode(file.mode(), defaults.mode(), members);
        if (file.repoChecksum() != null) {
            members.text("rck", file.repoChecksum().toString());
        }
        if (file.reference() != null) {
            members.text("reference", file.reference().text());
        }
        if (file.repoSize() != file.size()) {
            members.key("repo-size").number(file.repoSize());
        }
        members.key("size").number(file.size());
        if (file.originalSize() != file.size()) {
            members.key("szo").number(file.originalSize());
        }
        members.key("timestamp").number(file.timestamp().getEpochSecond());
        Owners.writeName("user", file.user(), defaults.user(), members);
        members.end();
    }

    private static void write(PageCheck check, Members members) {
        members.key("checksum-page").ascii(Boolean.toString(check.valid()));
        if (!check.errors().isEmpty()) {
            List<Object> errors = new ArrayList<>();
            for (PageCheck.Pages wrong : check.errors()) {
                errors.add(
                        wrong.first() == wrong.last()
                                ? (Object) wrong.first()
                                : List.of(wrong.first(), wrong.last()));
            }
            BackrestJson.write(errors, members.key("checksum-page-error"));
        }
    }
}
