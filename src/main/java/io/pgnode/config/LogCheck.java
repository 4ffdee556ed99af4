package io.pgnode.config;

import java.nio.file.Files;
import java.nio.file.Path;

/** Our own log. */
final class LogCheck {
    private LogCheck() {}

    static void run(LogConfig log, Findings findings) {
        log.file()
                .ifPresent(
                        file -> {
                            Path directory = file.getParent();
                            if (FileCheck.absolute("log.file", file, findings)
                                    && (directory == null || !Files.isDirectory(directory))) {
                                findings.add(
                                        "log.file",
                                        "log.file is " + file + ": no such directory",
                                        "create " + directory);
                            }
                        });
    }
}
