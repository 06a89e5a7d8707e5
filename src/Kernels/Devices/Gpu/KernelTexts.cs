namespace P6bNative.Kernels.Devices;

/// <summary>The emitted text of the kernels, for reading.</summary>
public static class KernelTexts
{
    /// <summary>Names of all kernels, in the order of the alphabet.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Gpu.KernelCatalog.All.Select(kernel => kernel.Name).Order(StringComparer.Ordinal)];

    /// <summary>The targets that kernels are emitted for.</summary>
    public static IReadOnlyList<string> Targets { get; } = ["opencl", "cuda"];

    /// <summary>The text of the program that holds a kernel; constants it is specialised by are macros that the device defines.</summary>
    /// <param name="kernel">A name of <see cref="Names"/>.</param>
    /// <param name="target">A name of <see cref="Targets"/>.</param>
    /// <exception cref="ArgumentException">There is no such kernel or target, or the kernel is not made for the target.</exception>
    public static string Read(string kernel, string target)
    {
        KernelDescription found = Gpu.KernelCatalog.All.FirstOrDefault(k => k.Name == kernel)
            ?? throw new ArgumentException($"There is no kernel '{kernel}'; use one of {string.Join(", ", Names)}.");
        string text = target switch
        {
            "opencl" => found.Program.OpenCl,
            "cuda" => found.Program.Cuda,
            _ => throw new ArgumentException($"There is no target '{target}'; use one of {string.Join(", ", Targets)}."),
        };
        return text.Length > 0 ? text : throw new ArgumentException($"Kernel '{kernel}' is not made for {target}.");
    }
}
