using System.Runtime.InteropServices;

namespace P6bNative.Kernels.Devices;

/// <summary>
/// Native memory for floats. Large blocks ask Linux for huge pages: a product walks rows that are pages apart, and with 4 KiB pages, inside a
/// virtual machine above all, looking up addresses costs 3-7 % of it.
/// </summary>
internal static unsafe partial class HostMemory
{
    private const nuint Line = 64, HugePage = 2 << 20;
    private const int AdviseHugePage = 14;

    /// <summary>Memory aligned to cache lines, contents undefined.</summary>
    public static void* Allocate(long bytes)
    {
        if (!OperatingSystem.IsLinux() || (nuint)bytes < HugePage)
            return NativeMemory.AlignedAlloc((nuint)bytes, Line);
        void* memory = NativeMemory.AlignedAlloc((nuint)bytes, HugePage);

        // Whole pages only: the block must not grow. A kernel without huge pages refuses, which changes nothing.
        _ = Advise(memory, (nuint)bytes / HugePage * HugePage, AdviseHugePage);
        return memory;
    }

    /// <summary>Gives back what <see cref="Allocate"/> gave.</summary>
    public static void Free(void* memory) => NativeMemory.AlignedFree(memory);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
