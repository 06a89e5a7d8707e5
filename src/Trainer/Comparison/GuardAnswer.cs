using System.Text.Json.Nodes;

namespace P6bNative.Trainer.Comparison;

/// <summary>What a run's log says to one of the guard questions.</summary>
/// <param name="Key">Its name in JSON.</param>
/// <param name="Question">In words.</param>
/// <param name="Answer">In words, one line or more.</param>
/// <param name="Figures">The numbers of the answer; null for what the folder does not have.</param>
/// <param name="RestsOn">The files and the number of records behind it.</param>
/// <param name="Definition">What the words of the question mean.</param>
internal sealed record GuardAnswer(string Key, string Question, string Answer, JsonObject Figures, string RestsOn, string Definition);
