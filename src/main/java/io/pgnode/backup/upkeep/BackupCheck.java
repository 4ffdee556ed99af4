package io.pgnode.backup.upkeep;

import io.pgnode.backup.codec.BlockMap;
import io.pgnode.backup.codec.BlockReader;
import io.pgnode.backup.codec.Filter;
import io.pgnode.backup.codec.Filters;
import io.pgnode.backup.codec.Pipeline;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BlockIncremental;
import io.pgnode.backup.core.Checksum;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.storage.StorageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Checks what a backup stored itself: bundles, files of their own, block maps. */
final class BackupCheck {
    private static final String BLOCKS = ".pgbi";

    private final Repository repository;
    private final Manifest manifest;
    private final Findings findings;
    private final CompressType compression;
    private final String directory;
    private final byte @Nullable [] pass;

    BackupCheck(Repository repository, Manifest manifest, Findings findings) {
        this.repository = repository;
        this.manifest = manifest;
        this.findings = findings;
        this.compression = manifest.options().compression();
        this.directory = repository.backups().directory(manifest.label());
        String text = manifest.cipherPass();
        this.pass = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    /** Adds checks of all that is stored. */
    void start(Checks checks) throws InterruptedException {
        Map<Long, List<ManifestFile>> bundles = new TreeMap<>();
        List<ManifestFile> alone = new ArrayList<>();
        manifest.files()
                .filter(file -> isHere(file) && isStored(file))
                .forEach(
                        file -> {
                            if (file.isBundled()) {
                                bundles.computeIfAbsent(file.bundleId(), _ -> new ArrayList<>())
                                        .add(file);
                            } else {
                                alone.add(file);
                            }
                        });
        for (Map.Entry<Long, List<ManifestFile>> bundle : bundles.entrySet()) {
            checks.add(() -> checkBundle(bundle.getKey(), bundle.getValue()));
        }
        for (ManifestFile file : alone) {
            checks.add(() -> checkAlone(file));
        }
    }

    private boolean isHere(ManifestFile file) {
        return file.reference() == null || manifest.label().equals(file.reference());
    }

    /** Empty files of backups with bundles are in the manifest only. */
    private boolean isStored(ManifestFile file) {
        return file.size() > 0 || file.isBundled() || !manifest.header().bundle();
    }

    private void checkAlone(ManifestFile file) {
        String path =
                directory
                        + "/"
                        + file.name()
                        + (file.block() != null ? BLOCKS : compression.suffix());
        try (InputStream in = repository.storage().open(path)) {
            check(file, path, in, file.repoSize());
            if (in.read() >= 0) {
                findings.damagedFile(
                        manifest.label(),
                        file.name(),
                        path,
                        "has more than its " + file.repoSize() + " bytes");
            }
        } catch (IOException e) {
            failed(file, path, e);
        }
    }

    private void checkBundle(long id, List<ManifestFile> files) {
        String path = directory + "/bundle/" + id;
        files.sort(Comparator.comparingLong(ManifestFile::bundleOffset));
        int next = 0;
        try (InputStream in = repository.storage().open(path)) {
            long at = 0;
            for (ManifestFile file : files) {
                if (file.bundleOffset() < at) {
                    findings.damagedFile(
                            manifest.label(),
                            file.name(),
                            path,
                            file.name() + " begins within another file");
                } else {
                    in.skipNBytes(file.bundleOffset() - at);
                    check(file, path, in, file.repoSize());
                    at = file.bundleOffset() + file.repoSize();
                }
                next++;
            }
        } catch (IOException e) {
            for (ManifestFile file : files.subList(next, files.size())) {
                failed(file, path, e);
            }
        }
    }

    private void failed(ManifestFile file, String path, IOException cause) {
        boolean missing = cause instanceof StorageException storage && storage.isMissing();
        findings.damagedFile(
                manifest.label(),
                file.name(),
                path,
                missing
                        ? "is missing"
                        : "cannot be read for " + file.name() + ": " + describe(cause));
    }

    private static String describe(IOException cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    /** Reads exactly the file's stored bytes, whatever is wrong with them. */
    private void check(ManifestFile file, String path, InputStream in, long stored)
            throws IOException {
        CountedInput bytes = new CountedInput(in, stored);
        String problem;
        try {
            problem = file.block() != null ? checkBlocks(file, bytes) : checkWhole(file, bytes);
        } catch (IOException e) {
            if (bytes.hasFailed()) {
                throw e;
            }
            problem = "cannot be decoded: " + describe(e);
        }
        bytes.drain();
        findings.read(stored);
        if (bytes.left() > 0) {
            problem = "lacks " + bytes.left() + " of its " + stored + " bytes";
        }
        if (problem != null) {
            findings.damagedFile(manifest.label(), file.name(), path, file.name() + " " + problem);
        }
    }

    private @Nullable String checkWhole(ManifestFile file, InputStream in) throws IOException {
        boolean raw = file.isBundled() && manifest.header().bundleRaw();
        List<Filter> filters = new ArrayList<>();
        if (pass != null) {
            filters.add(Filters.decryptor(pass, raw));
        }
        if (compression != CompressType.NONE) {
            filters.add(Filters.decompressor(compression, raw));
        }
        try (Pipeline pipeline =
                new Pipeline(filters, Pipeline.Digests.BOTH, null, (_, _, _) -> {})) {
            Pipeline.Result result =
                    pipeline.copy(in, Long.MAX_VALUE, new byte[Pipeline.BLOCK_SIZE]);
            Checksum checksum = file.checksum();
            if (result.outputSize() != file.size()) {
                return "has " + result.outputSize() + " bytes instead of " + file.size();
            }
            if (checksum != null && !checksum.equals(result.outputChecksum())) {
                return "has the digest " + result.outputChecksum() + " instead of " + checksum;
            }
            return storedProblem(file, result.inputChecksum());
        }
    }

    private static @Nullable String storedProblem(ManifestFile file, Checksum stored) {
        Checksum expected = file.repoChecksum();
        return expected == null || expected.equals(stored)
                ? null
                : "is stored with the digest " + stored + " instead of " + expected;
    }

    /** The stored bytes by their digest; then each place that the block map names. */
    private @Nullable String checkBlocks(ManifestFile file, InputStream in) throws IOException {
        BlockIncremental block = file.block();
        if (block == null || block.mapSize() <= 0 || block.mapSize() > file.repoSize()) {
            return "has a block map of impossible size";
        }
        if (block.mapSize() > InfoCheck.MAX_BYTES) {
            return "has a block map of " + block.mapSize() + " bytes";
        }
        ByteArrayOutputStream map = new ByteArrayOutputStream((int) block.mapSize());
        long mapStart = file.repoSize() - block.mapSize();
        try (Pipeline pipeline =
                new Pipeline(
                        List.of(), Pipeline.Digests.INPUT, null, new AfterOffset(mapStart, map))) {
            Pipeline.Result result =
                    pipeline.copy(in, Long.MAX_VALUE, new byte[Pipeline.BLOCK_SIZE]);
            String problem = storedProblem(file, result.inputChecksum());
            if (problem != null) {
                return problem;
            }
        }
        BlockMap decoded =
                BlockReader.readMap(
                        map.toByteArray(), block.blockSize(), block.checksumSize(), pass);
        return mapProblem(decoded);
    }

    private @Nullable String mapProblem(BlockMap map) {
        List<BackupLabel> references = manifest.references();
        for (BlockMap.Block block : map.blocks()) {
            if (block.reference() < 0 || block.reference() >= references.size()) {
                return "has a block map that refers to backup number "
                        + block.reference()
                        + " of "
                        + references.size();
            }
        }
        return null;
    }

    /** Whether what other backups hold for this one is what their manifests say. */
    void checkReferences(Map<BackupLabel, Manifest> manifests) {
        manifest.files()
                .filter(file -> !isHere(file))
                .forEach(file -> checkReference(file, manifests));
        for (BackupLabel label : manifest.references()) {
            if (!manifests.containsKey(label)) {
                findings.damaged(
                        directory + "/" + Upkeep.MANIFEST,
                        "refers to backup " + label + ", which has no good manifest");
                findings.damagedBackup(manifest.label());
            }
        }
    }

    private void checkReference(ManifestFile file, Map<BackupLabel, Manifest> manifests) {
        BackupLabel holder = file.reference();
        Manifest other = holder == null ? null : manifests.get(holder);
        if (holder == null || other == null) {
            return;
        }
        Optional<ManifestFile> held = other.find(file.name());
        boolean same =
                held.isPresent()
                        && java.util.Objects.equals(held.get().checksum(), file.checksum())
                        && held.get().repoSize() == file.repoSize()
                        && held.get().bundleId() == file.bundleId()
                        && held.get().bundleOffset() == file.bundleOffset();
        if (!same) {
            findings.damaged(
                    directory + "/" + Upkeep.MANIFEST,
                    file.name() + " is not what backup " + holder + " has");
            findings.damagedBackup(manifest.label());
        } else if (findings.isDamagedFile(holder, file.name())) {
            findings.damagedBackup(manifest.label());
        }
    }

    /** Whether anything that it stored itself is damaged. */
    boolean hasDamage() {
        return findings.isDamagedBackup(manifest.label())
                || manifest.files()
                        .anyMatch(
                                file ->
                                        isHere(file)
                                                && findings.isDamagedFile(
                                                        manifest.label(), file.name()));
    }

    Manifest manifest() {
        return manifest;
    }
}
