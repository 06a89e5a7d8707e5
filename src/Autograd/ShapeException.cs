namespace P6bNative.Autograd;

/// <summary>An operation was recorded with shapes that do not fit; the message names the operation, the tensors and what would be right.</summary>
public sealed class ShapeException : Exception
{
    /// <summary>Creates the error from its one-line message.</summary>
    public ShapeException(string message)
        : base(message)
    {
    }
}
