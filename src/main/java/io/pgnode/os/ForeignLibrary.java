package io.pgnode.os;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** A shared library, loaded at the first call of one of its functions. On the JVM only. */
final class ForeignLibrary {
    private final String fileName;
    private final String otherName;
    private final String packages;
    private volatile @Nullable SymbolLookup symbols;

    /**
     * @param otherName as some distributions call it
     * @param packages whose installation brings it, for people
     */
    ForeignLibrary(String fileName, String otherName, String packages) {
        this.fileName = fileName;
        this.otherName = otherName;
        this.packages = packages;
    }

    /**
     * Declares a function that takes arrays of the heap as they are: the collector waits for it, so
     * each call must be short.
     */
    Function function(String name, @Nullable MemoryLayout result, MemoryLayout... parameters) {
        return new Function(
                name,
                result == null
                        ? FunctionDescriptor.ofVoid(parameters)
                        : FunctionDescriptor.of(result, parameters));
    }

    private MemorySegment symbol(String name) {
        SymbolLookup loaded = symbols;
        if (loaded == null) {
            loaded = load();
            symbols = loaded;
        }
        return loaded.findOrThrow(name);
    }

    private SymbolLookup load() {
        try {
            return SymbolLookup.libraryLookup(fileName, Arena.global());
        } catch (IllegalArgumentException e) {
            try {
                return SymbolLookup.libraryLookup(otherName, Arena.global());
            } catch (IllegalArgumentException ignored) {
                throw new MissingLibraryException(fileName, packages, e);
            }
        }
    }

    /** One function of the library, linked at its first call. */
    final class Function {
        private final String name;
        private final FunctionDescriptor descriptor;
        private volatile @Nullable MethodHandle handle;

        private Function(String name, FunctionDescriptor descriptor) {
            this.name = name;
            this.descriptor = descriptor;
        }

        /** Two threads may link it twice, which is harmless. */
        MethodHandle handle() {
            MethodHandle linked = handle;
            if (linked == null) {
                linked =
                        Linker.nativeLinker()
                                .downcallHandle(
                                        symbol(name), descriptor, Linker.Option.critical(true));
                handle = linked;
            }
            return linked;
        }
    }
}
