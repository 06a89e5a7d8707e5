namespace P6bNative.Model;

/// <summary>A configuration or weights that cannot be used. The message is one line: what is wrong, where (file, key), what would be right.</summary>
public class ModelException : Exception
{
    /// <summary>Creates the error from its one-line message.</summary>
    public ModelException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error from its one-line message and the failure behind it.</summary>
    public ModelException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
