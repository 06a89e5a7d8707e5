namespace P6bNative.Kernels.Language;

/// <summary>
/// Marks a static method of a static partial class as a kernel: the generator translates it to OpenCL C and CUDA C at build time and adds an
/// overload of the same name that launches it. All kernels of a class form one program.
/// </summary>
/// <param name="groupSize">Work items of a group, the first dimension; the others are 1.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelAttribute(int groupSize) : Attribute
{
    /// <summary>Work items of a group.</summary>
    public int GroupSize { get; } = groupSize;
}
