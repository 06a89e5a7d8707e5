namespace P6bNative.Trainer;

/// <summary>
/// Bad input or usage: a file, a flag, a shape. The message is one line that says what is wrong, where (file, key, row), and what
/// would be right; the console prints it and exits with code 1.
/// </summary>
public sealed class InputException : Exception
{
    /// <summary>Creates the error from its one-line message.</summary>
    public InputException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error from its one-line message and the failure behind it.</summary>
    public InputException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
