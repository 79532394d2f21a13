/** What customers of simulated channels photograph: a curlew on the shore. PNG, base64. */
export const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAAPAAAACgBAMAAADA9fxWAAAAFVBMVEXe6/X61qX28OTOvqBcVEqWvs3/9NZhU3lkAAAC" +
  "GUlEQVR42u3Y23HCMBAFUDGjAuIWDDSAU4AnKA0wVgeZ9F9CwIDlhx5r0K4ycO+Hvmyf3LWRIUohCIIgCIIgCIIgSlV9" +
  "Pgq58nJVlZE3Dq5KuaLyxBUc9rSwYOVi8MwVm/W8sFjlYvDClZp1KXg5aaFZAwYMGDDg/w+/x2vRnNMW+AaiL7CRh6+u" +
  "k8UmPYfFvlff3OEub4QnHZo186R/f0KzVnKw0O9jB7ey/xFw93j0gEnslhN4oAV26Rk8Gjhz5vDoIZOCh91EGG7dRiYC" +
  "LyasZe7zcscUkrXnkdISw/Z+igRk7f8EafZhhzYNbYoU7v8iAdg7Vt5hR/ZI1mHr2Oas2/x7xd2Kv49MfvZG6/jbKEvl" +
  "5cvvDOrEC9jwuOnX7/OVjXkIVpqxb/zj2vK58fuo+Qad6NSWKcz4ZLHsyIaUYnBbCn6oso2mo8F2fVTqgGIwqTQLTCnN" +
  "BHeAXx5OPl3fXHCXvzANtvkLE+Eue2EibLMXpsJd7sJUOCJbXtjmHfQKONDZWnbYK9f3cMJLup6GDz7VuzDbZ0+HaUe7" +
  "S++MW4MhdFDpQ0/Ti5rRGsk+UUPFj/VckQgH6gwtVL02a+BIAAMGDPil4GaaAf5yqzfbwIkkeH7yNYc03IRPTMB+chRz" +
  "9MNNMocw3BBijpdrTOFtQ42Dm7Xp4dv6RACn83l0K2Dee3zOsV/Nm8CZAhgwYMCAAQMGDJg/f5xHzQINXDj6AAAAAElF" +
  "TkSuQmCC";
export const PICTURE_TYPE = "image/png";
