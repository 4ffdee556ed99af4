package io.pgnode.backup.storage;

import io.pgnode.backup.storage.StorageException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A part of a bucket. Directories are there as long as something is in them. */
final class S3Storage implements Storage {
    /** Larger ones are written in parts. */
    private static final int SINGLE_PUT = 64 * PartSizes.MIB;

    private final S3Client client;
    private final S3Remover remover;
    private final S3ExclusivePut exclusive;
    private final String description;

    /** With a slash at its end; empty for the whole bucket. */
    private final String prefix;

    S3Storage(S3Settings settings) throws IOException {
        this.client = new S3Client(settings);
        this.prefix = settings.path().isEmpty() ? "" : settings.path() + "/";
        this.description = client.name(settings.path());
        this.remover = new S3Remover(client);
        this.exclusive = new S3ExclusivePut(client, prefix);
    }

    @Override
    public String describe() {
        return description;
    }

    @Override
    public boolean hasLinks() {
        return false;
    }

    @Override
    public Optional<ObjectInfo> info(String path) throws IOException {
        String key = key(path);
        ObjectInfo object = object(path, key);
        if (object != null) {
            return Optional.of(object);
        }
        var found = new ArrayList<ObjectInfo>();
        // An answer to HEAD has no error in it: that there is a bucket, only a list proves.
        S3Listing.each(
                client,
                key + "/",
                true,
                1,
                page -> {
                    found.addAll(page.objects());
                    return false;
                });
        return found.isEmpty() ? Optional.empty() : Optional.of(directory(path));
    }

    private @Nullable ObjectInfo object(String path, String key) throws IOException {
        S3Request head = S3Request.of("HEAD", key, "look at");
        return client.callOrNull(
                head,
                answer -> {
                    answer.close();
                    long size = answer.length().orElse(-1);
                    if (size < 0) {
                        throw new BadAnswerException("answer has no length");
                    }
                    Instant modified = time(answer.header("last-modified"));
                    return new ObjectInfo(path, ObjectInfo.Kind.FILE, size, modified);
                });
    }

    private static Instant time(String text) throws IOException {
        try {
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        } catch (DateTimeParseException e) {
            throw new BadAnswerException("answer has a bad time: " + text, e);
        }
    }

    private static ObjectInfo directory(String name) {
        return new ObjectInfo(name, ObjectInfo.Kind.DIRECTORY, 0, Instant.EPOCH);
    }

    @Override
    public List<ObjectInfo> list(String directory, String prefix) throws IOException {
        var found = new ArrayList<ObjectInfo>();
        S3Listing.each(
                client,
                directoryKey(directory) + prefix,
                false,
                page -> {
                    for (ObjectInfo object : page.objects()) {
                        String name = prefix + object.name();
                        if (isVisible(name)) {
                            found.add(
                                    new ObjectInfo(
                                            name, object.kind(), object.size(), object.modified()));
                        }
                    }
                    for (String rest : page.directories()) {
                        if (isVisible(prefix + rest)) {
                            found.add(directory(prefix + rest));
                        }
                    }
                    return true;
                });
        found.sort(Comparator.comparing(ObjectInfo::name));
        return found;
    }

    /** Others put objects there that are no files: with a slash at the end, or two in a row. */
    private static boolean isVisible(String name) {
        return RepositoryPath.isValid(name) && !Temporary.is(name);
    }

    @Override
    public List<ObjectInfo> walk(String directory) throws IOException {
        var found = new TreeMap<String, ObjectInfo>(RepositoryPath.BY_PARTS);
        S3Listing.each(
                client,
                directoryKey(directory),
                true,
                page -> {
                    for (ObjectInfo object : page.objects()) {
                        if (isVisible(object.name())) {
                            found.put(object.name(), object);
                            addParents(object.name(), found);
                        }
                    }
                    return true;
                });
        return List.copyOf(found.values());
    }

    private static void addParents(String name, Map<String, ObjectInfo> found) {
        for (int at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
            String parent = name.substring(0, at);
            if (found.putIfAbsent(parent, directory(parent)) != null) {
                return;
            }
        }
    }

    @Override
    public byte[] read(String path, int limit) throws IOException {
        String key = key(path);
        try (S3Input in = S3Input.open(client, key)) {
            if (in.length().orElse(0) > limit) {
                throw tooLarge(key, limit);
            }
            byte[] content = in.readNBytes(limit);
            if (in.read() >= 0) {
                throw tooLarge(key, limit);
            }
            return content;
        }
    }

    private StorageException tooLarge(String key, int limit) {
        return new StorageException(
                Kind.DAMAGED,
                client.name(key) + " has more than " + limit + " bytes, it cannot be right");
    }

    @Override
    public InputStream open(String path) throws IOException {
        return S3Input.open(client, key(path));
    }

    @Override
    public InputStream open(String path, long offset, long length) throws IOException {
        RepositoryPath.checkRange(path, offset, length);
        return S3Input.open(client, key(path), offset, length);
    }

    @Override
    public void put(String path, byte[] content) throws IOException {
        String key = key(path);
        if (content.length <= SINGLE_PUT) {
            client.call(
                    S3Request.of("PUT", key, "write").body(content, content.length),
                    answer -> answer.body().length);
            return;
        }
        try (StorageOutput out = create(path, content.length)) {
            out.write(content, 0, content.length);
            out.commit();
        }
    }

    @Override
    public boolean putIfAbsent(String path, byte[] content) throws IOException {
        return exclusive.put(key(path), content);
    }

    @Override
    public StorageOutput create(String path, long expectedSize) throws IOException {
        return new S3Output(client, key(path), expectedSize);
    }

    @Override
    public void makeDirectory(String path) {
        RepositoryPath.checkedDirectory(path);
    }

    @Override
    public void link(String path, String target) {
        throw new UnsupportedOperationException("S3 has no links");
    }

    @Override
    public void remove(String path) throws IOException {
        remover.remove(key(path));
    }

    @Override
    public void removeAll(Collection<String> paths) throws IOException {
        var keys = new LinkedHashSet<String>();
        for (String path : paths) {
            keys.add(key(path));
        }
        remover.removeAll(List.copyOf(keys));
    }

    @Override
    public void removeTree(String directory) throws IOException {
        String below = key(directory) + "/";
        // All names first: some stores lose their place in a list that shrinks.
        var keys = new ArrayList<String>();
        S3Listing.each(
                client,
                below,
                true,
                page -> {
                    page.objects().forEach(object -> keys.add(below + object.name()));
                    return true;
                });
        remover.removeAll(keys);
    }

    @Override
    public int removeUnfinished(String directory, Instant before) throws IOException {
        return new S3Uploads(client).abort(directoryKey(directory), before);
    }

    @Override
    public void close() {
        client.close();
    }

    private String key(String path) {
        return prefix + RepositoryPath.checked(path);
    }

    private String directoryKey(String path) {
        return path.isEmpty() ? prefix : prefix + RepositoryPath.checkedDirectory(path) + "/";
    }
}
