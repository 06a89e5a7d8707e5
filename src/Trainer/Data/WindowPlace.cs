namespace P6bNative.Trainer.Data;

/// <summary>Where a sequence lies in its article; places count the article's rows in document order.</summary>
/// <param name="Article">Number of the article in the store.</param>
/// <param name="FirstContext">Place of the oldest context.</param>
/// <param name="Target">Place of the target.</param>
internal readonly record struct WindowPlace(int Article, int FirstContext, int Target)
{
    /// <summary>Whether a row is one of the five contexts or the target.</summary>
    public bool Holds(int place) => place == Target || (place >= FirstContext && place < FirstContext + SequenceSet.ContextLength);
}
