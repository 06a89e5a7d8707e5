namespace P6bNative.Trainer.Data;

/// <summary>Norms of vectors as the file holds them, before any normalisation.</summary>
/// <param name="Min">Smallest norm.</param>
/// <param name="Mean">Mean norm.</param>
/// <param name="Max">Largest norm.</param>
public readonly record struct NormRange(double Min, double Mean, double Max);
