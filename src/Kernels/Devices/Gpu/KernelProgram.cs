namespace P6bNative.Kernels.Devices;

/// <summary>The text of all kernels of one class, prelude included.</summary>
/// <param name="Name">Name of the class.</param>
/// <param name="OpenCl">OpenCL C 1.2.</param>
/// <param name="Cuda">CUDA C.</param>
internal sealed record KernelProgram(string Name, string OpenCl, string Cuda);

/// <summary>How a kernel takes an argument.</summary>
internal enum KernelParameterKind
{
    /// <summary>An ArrayView: two arguments of the text, the memory and the first element as a 64-bit offset in elements of the parameter's type.</summary>
    View,

    /// <summary>int or uint.</summary>
    Int32,

    /// <summary>long or ulong.</summary>
    Int64,

    /// <summary>float.</summary>
    Single,
}

/// <summary>One parameter of a kernel.</summary>
/// <param name="Name">As in the C# source.</param>
/// <param name="Kind">How it is passed.</param>
internal readonly record struct KernelParameter(string Name, KernelParameterKind Kind);

/// <summary>A kernel as the generator describes it.</summary>
/// <param name="Name">Name of the method, and of the function in the text.</param>
/// <param name="Program">Where its text is.</param>
/// <param name="GroupSize">Work items of a group.</param>
/// <param name="Parameters">What a launch passes, in order.</param>
/// <param name="Specializations">Names of the constants (<c>SpecializedValue</c> parameters) the program is built with, in order: macros of the text.</param>
internal sealed record KernelDescription(
    string Name, KernelProgram Program, int GroupSize, IReadOnlyList<KernelParameter> Parameters, IReadOnlyList<string> Specializations);
