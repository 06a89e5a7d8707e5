namespace P6bNative.Trainer.Data;

/// <summary>The sample that comes with the program: State of the Union speeches as an article store (data/README.md).</summary>
public static class BundledSample
{
    /// <summary>Where it lies: beside the program, wherever that was started from.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "data", "sotu-sample.npz");
}
