using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

/// <summary>The one way a bad file may end: an <see cref="InputException"/> of one line that names the file.</summary>
internal static class Refusal
{
    public static string Of(string path, Action action)
    {
        InputException error = Assert.Throws<InputException>(action);
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.True(error.Message.Length < path.Length + 600, error.Message);
        return error.Message[path.Length..];
    }

    /// <summary>Opens the file as training would.</summary>
    public static string OfData(string path) => Of(path, () => SequenceSet.Open(path).Dispose());
}
