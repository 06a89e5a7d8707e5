using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

public partial interface IOperations
{
    /// <summary>norm[0] = √Σ g²; summed in a fixed order, wide enough that small squares do not vanish.</summary>
    /// <param name="gradient">Any number of elements.</param>
    /// <param name="norm">One element, written.</param>
    void GradientNorm(View gradient, View norm);
}
