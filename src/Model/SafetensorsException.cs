namespace P6bNative.Model;

/// <summary>A safetensors file that cannot be read or written; the one-line message names the file and the key.</summary>
public sealed class SafetensorsException : ModelException
{
    /// <summary>Creates the error from its one-line message.</summary>
    public SafetensorsException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error from its one-line message and the failure behind it.</summary>
    public SafetensorsException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
