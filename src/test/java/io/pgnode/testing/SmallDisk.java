package io.pgnode.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file system of fixed size that can be filled to the last byte and freed again. */
public final class SmallDisk {
    private static final int BLOCK = 64 * 1024;
    private final Path mountPoint;

    private SmallDisk(Path mountPoint) {
        this.mountPoint = mountPoint;
    }

    /**
     * Mounts one over an empty directory; needs {@link Capabilities#mount()}. mount(8) wants to be
     * root.
     */
    public static SmallDisk mount(Path mountPoint, int megabytes) throws IOException {
        Files.createDirectories(mountPoint);
        Command.run(
                "setpriv",
                "--reuid",
                "0",
                "mount",
                "-t",
                "tmpfs",
                "-o",
                "size="
                        + megabytes
                        + "m,mode=700,uid="
                        + Files.getAttribute(mountPoint, "unix:uid"),
                "pgnode-it",
                mountPoint.toString());
        return new SmallDisk(mountPoint);
    }

    /** Detaches it at once, in use or not. */
    public void unmount() {
        Command.run("setpriv", "--reuid", "0", "umount", "-l", mountPoint.toString());
    }

    /** Writes a file until nothing is left. */
    public void fill() throws IOException {
        int size = BLOCK;
        try (var file =
                FileChannel.open(ballast(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (size >= 512) {
                try {
                    file.write(ByteBuffer.allocate(size));
                } catch (IOException e) {
                    size /= 2;
                }
            }
        }
    }

    /** Deletes that file. */
    public void free() throws IOException {
        Files.deleteIfExists(ballast());
    }

    private Path ballast() {
        return mountPoint.resolve("ballast");
    }
}
