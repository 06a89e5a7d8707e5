Console.Error.WriteLine("p6b: no verb yet");
return 1;
