namespace P6bNative.Kernels.Operations;

/// <summary>
/// The one list of operations. Each file of this folder declares one operation with its formula and shapes; every device
/// implements it in a file of the same name. Shapes are checked by whoever records the call (Autograd), not here.
/// Gradients are named d-something; a flag <c>accumulate</c> adds to the destination instead of overwriting it.
/// No operation may read and write the same elements unless its text says so.
/// </summary>
public partial interface IOperations
{
}
